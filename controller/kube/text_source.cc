#include "controller/kube/text_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tollgate::kube {
namespace {

// Whatever is configured here is text of a few kilobytes; more is a path that was mixed up.
constexpr size_t kMaxFile = 4 << 20;

Fault CannotRead(const std::string& path, const std::string& reason) {
  return Fault{"Cannot read " + path + ": " + reason + "."};
}

// Reads until the end of the file; the error number, or 0.
int ReadAll(int descriptor, std::string& out) {
  char piece[4096];
  ssize_t count;
  while (out.size() <= kMaxFile && (count = read(descriptor, piece, sizeof piece)) != 0) {
    if (count > 0) out.append(piece, static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

// Not an ifstream: that opens folders without complaint and does not say why it failed.
Result<std::string> ReadFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return CannotRead(path, std::generic_category().message(errno));
  std::string text;
  const int error = ReadAll(descriptor, text);
  close(descriptor);
  if (error != 0) return CannotRead(path, std::generic_category().message(error));
  if (text.size() > kMaxFile) return CannotRead(path, "it is larger than 4 MiB, so not what belongs here");
  return text;
}

Result<std::string> TextSource::Read() const {
  auto text = is_file_ ? ReadFile(label_) : Result<std::string>(text_);
  if (text && text->empty()) return Fault{"Cannot use " + label_ + ": it is empty."};
  return text;
}

}  // namespace tollgate::kube
