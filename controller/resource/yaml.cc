#include "controller/resource/yaml.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <streambuf>

#include "controller/resource/yaml_builder.h"

namespace tollgate::resource {
namespace {

// Lets a stream read a text without a copy of it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

Fault At(const std::string& source, int line, const std::string& message) {
  return {source + ":" + std::to_string(line) + ": " + message};
}

}  // namespace

Status<> VisitYaml(std::string_view text, const std::string& source, const DocumentVisitor& visitor) {
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    YamlBuilder builder;
    while (parser.HandleNextDocument(builder)) {
      if (builder.document().is_null()) continue;
      if (Status<> status = visitor(builder.line(), builder.document()); !status) return status;
    }
    return Done{};
  } catch (const YamlMistake& mistake) {
    return At(source, mistake.line, mistake.what());
  } catch (const YAML::Exception& exception) {
    return At(source, exception.mark.line + 1, "this is no YAML: " + exception.msg);
  }
}

}  // namespace tollgate::resource
