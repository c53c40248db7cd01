// Builds the JSON value of one document out of yaml-cpp's events. Used by yaml.cc only; one thread.
#pragma once

#include <yaml-cpp/eventhandler.h>

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace tollgate::resource {

// Thrown through yaml-cpp, which knows no other way to stop, and caught in yaml.cc. Lines count from 1.
struct YamlMistake : std::runtime_error {
  YamlMistake(int at, const std::string& message) : std::runtime_error(message), line(at) {}
  int line;
};

class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder();
  ~YamlBuilder() override;

  // The document and the line of its first value; null where the document is empty.
  const nlohmann::json& document() const { return *document_; }
  int line() const { return line_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  struct Open;      // a sequence or mapping whose end has not come yet
  struct Anchored;  // the value of an anchor and how many values it holds

  void Begin(const YAML::Mark& mark, YAML::anchor_t anchor, bool is_map);
  void End();
  // Puts a whole value where the document now stands: into the open sequence or mapping, or as its root.
  void Put(int line, nlohmann::json value, size_t size, YAML::anchor_t anchor);
  bool AtKey() const;
  void SetKey(int line, const std::string& tag, const std::string& text);

  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::unique_ptr<nlohmann::json> document_;
  int line_ = 0;
  size_t aliased_values_ = 0;
};

}  // namespace tollgate::resource
