// A certificate, key or token: written in the configuration, or in a file. A file is read at every use and
// never kept: the kubelet and cert-manager rotate such files in place, and a few kilobytes from a tmpfs cost
// nothing beside the request they are for. Immutable; any thread.
#pragma once

#include <string>

#include "api/base/result.h"

namespace tollgate::kube {

class TextSource {
 public:
  // `label` is what errors call it; the text itself never stands in one.
  static TextSource Inline(std::string text, std::string label) {
    return {std::move(text), std::move(label), false};
  }
  static TextSource File(std::string path) { return {"", std::move(path), true}; }

  // The text as it is now, not empty.
  Result<std::string> Read() const;

  // The file's path, or where in the configuration the text stands.
  const std::string& label() const { return label_; }

 private:
  TextSource(std::string text, std::string label, bool is_file)
      : text_(std::move(text)), label_(std::move(label)), is_file_(is_file) {}

  std::string text_;
  std::string label_;
  bool is_file_;
};

// The whole of a file, or one sentence with its path and the system's reason.
Result<std::string> ReadFile(const std::string& path);

}  // namespace tollgate::kube
