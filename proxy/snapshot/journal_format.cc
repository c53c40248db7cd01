#include "proxy/snapshot/journal_format.h"

#include <cstdint>

#include "api/base/digest.h"

namespace tollgate::snapshot {
namespace {

constexpr std::string_view kMagic = "TOLLGATE";
constexpr uint32_t kFormat = 1;
constexpr size_t kChecksumAt = kMagic.size() + sizeof(uint32_t) + sizeof(uint64_t);
constexpr size_t kBodyAt = kChecksumAt + sizeof(Sha256Digest);

void AppendNumber(uint64_t value, size_t bytes, std::string& out) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

uint64_t ReadNumber(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Over what stands before and after the checksum; each part has a fixed length or says its own.
std::string Checksum(std::string_view head, std::string_view body) {
  return std::string(AsBytes(Sha256(std::string(head) + std::string(AsBytes(Sha256(body))))));
}

}  // namespace

std::string EncodeJournal(const api::Snapshot& snapshot) {
  const std::string body = snapshot.SerializeAsString();
  std::string file(kMagic);
  AppendNumber(kFormat, sizeof(uint32_t), file);
  AppendNumber(body.size(), sizeof(uint64_t), file);
  file += Checksum(file, body);
  file += body;
  return file;
}

Result<api::Snapshot> DecodeJournal(std::string_view bytes) {
  if (bytes.size() < kBodyAt) return Fault{"it is truncated"};
  if (!bytes.starts_with(kMagic)) return Fault{"it does not begin as a snapshot file does"};
  const uint64_t format = ReadNumber(bytes.substr(kMagic.size(), sizeof(uint32_t)));
  if (format != kFormat) {
    return Fault{"it has format " + std::to_string(format) + ", this release reads " +
                 std::to_string(kFormat)};
  }
  const std::string_view body = bytes.substr(kBodyAt);
  const uint64_t length = ReadNumber(bytes.substr(kMagic.size() + sizeof(uint32_t), sizeof(uint64_t)));
  if (body.size() < length) return Fault{"it is truncated"};
  if (body.size() > length) return Fault{"it is longer than it says"};
  if (bytes.substr(kChecksumAt, sizeof(Sha256Digest)) != Checksum(bytes.substr(0, kChecksumAt), body)) {
    return Fault{"its content does not match its checksum"};
  }
  api::Snapshot snapshot;
  if (!snapshot.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Fault{"its content is no snapshot"};
  }
  return snapshot;
}

}  // namespace tollgate::snapshot
