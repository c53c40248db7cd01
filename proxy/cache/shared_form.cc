#include "proxy/cache/shared_form.h"

#include <xxhash.h>

#include <cstring>
#include <utility>

#include "proxy/cache/vary.h"
#include "proxy/http/characters.h"

namespace tollgate::cache {
namespace {

constexpr std::string_view kMagic("tgc\x01", 4);
constexpr size_t kChecksumAt = kMagic.size();
constexpr size_t kContentAt = kChecksumAt + sizeof(uint64_t);

constexpr char kAnswer = 1;
constexpr char kNames = 2;

// What a store may append to a value without moving it.
constexpr size_t kSpare = 64;

class Pen {
 public:
  Pen(char kind, std::string_view key, size_t size_of_the_rest) {
    bytes_.reserve(kContentAt + 1 + sizeof(uint32_t) + key.size() + size_of_the_rest + kSpare);
    bytes_.append(kMagic).append(sizeof(uint64_t), '\0');
    Byte(kind);
    Text(key);
  }

  void Byte(char value) { bytes_ += value; }
  void Number(uint64_t value, int bits = 32) {
    for (int shift = 0; shift < bits; shift += 8) Byte(static_cast<char>(value >> shift));
  }
  void Time(int64_t value) { Number(static_cast<uint64_t>(value), 64); }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.append(text);
  }

  std::string Seal() && {
    const uint64_t checksum = XXH3_64bits(bytes_.data() + kContentAt, bytes_.size() - kContentAt);
    for (size_t i = 0; i < sizeof checksum; ++i) {
      bytes_[kChecksumAt + i] = static_cast<char>(checksum >> 8 * i);
    }
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Reads what may be too short anywhere: then all it returns is empty or 0 from there on, and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }

  std::string_view Bytes(size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  char Byte() {
    const std::string_view byte = Bytes(1);
    return byte.empty() ? '\0' : byte.front();
  }
  uint64_t Number(int bits = 32) {
    uint64_t value = 0;
    const std::string_view bytes = Bytes(static_cast<size_t>(bits / 8));
    for (size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << 8 * i;
    }
    return value;
  }
  int64_t Time() { return static_cast<int64_t>(Number(64)); }
  std::string_view Text() { return Bytes(Number()); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Takes a stored head apart into its fields again; false where it is none that could have been stored.
bool FieldsOfLines(StoredResponse& answer) {
  constexpr std::string_view kSeparator = ": ";
  constexpr std::string_view kLineEnd = "\r\n";
  const std::string_view lines = answer.lines;
  for (size_t at = 0; at < lines.size();) {
    const size_t colon = lines.find(kSeparator, at);
    const size_t end = lines.find(kLineEnd, at);
    if (end == std::string_view::npos || colon >= end || answer.fields.size() == http::Fields::kMax)
      return false;
    const std::string_view name = lines.substr(at, colon - at);
    const size_t value_at = colon + kSeparator.size();
    const std::string_view value = lines.substr(value_at, end - value_at);
    if (name.empty() || !http::AllOf(name, http::kTokenChar) || !http::AllOf(value, http::kFieldValueChar)) {
      return false;
    }
    answer.fields.push_back({name, value, http::Classify(name)});
    if (answer.fields.back().known == http::KnownHeader::kEtag && answer.etag.empty()) answer.etag = value;
    at = end + kLineEnd.size();
    if (answer.fields.size() == answer.not_modified_fields) answer.not_modified_bytes = at;
  }
  return answer.not_modified_fields <= answer.fields.size();
}

bool ReadVary(Reader& reader, StoredResponse& answer) {
  const uint64_t count = reader.Number();
  if (count > kMaxVaryNames) return false;
  for (uint64_t i = 0; i < count; ++i) {
    VaryValue& part = answer.vary.emplace_back();
    part.name = reader.Text();
    if (reader.Byte() != 0) part.value = reader.Text();
  }
  return true;
}

SharedForm Damaged() { return {SharedForm::Kind::kDamaged, nullptr, {}}; }

SharedForm ReadAnswer(Reader& reader) {
  auto answer = std::make_unique<StoredResponse>();
  answer->status = static_cast<int>(reader.Number());
  answer->freshness.lifetime = reader.Time();
  answer->freshness.never_stale = reader.Byte() != 0;
  answer->modified = reader.Time();
  if (!ReadVary(reader, *answer)) return Damaged();
  answer->not_modified_fields = reader.Number();
  answer->lines = reader.Text();
  answer->body = reader.Text();
  const bool final = answer->status >= 200 && answer->status <= 999;
  if (!reader.ok() || !final || !FieldsOfLines(*answer)) return Damaged();
  return {SharedForm::Kind::kAnswer, std::move(answer), {}};
}

SharedForm ReadNames(Reader& reader) {
  SharedForm form = Damaged();
  const uint64_t count = reader.Number();
  if (count == 0 || count > kMaxVaryNames) return form;
  for (uint64_t i = 0; i < count; ++i) form.names.emplace_back(reader.Text());
  if (reader.ok()) form.kind = SharedForm::Kind::kNames;
  return form;
}

}  // namespace

std::string WriteAnswer(std::string_view key, const StoredResponse& answer) {
  size_t size = 64 + answer.lines.size() + answer.body.size();
  for (const VaryValue& part : answer.vary)
    size += 9 + part.name.size() + (part.value ? part.value->size() : 0);
  Pen pen(kAnswer, key, size);
  pen.Number(static_cast<uint64_t>(answer.status));
  pen.Time(answer.freshness.lifetime);
  pen.Byte(answer.freshness.never_stale ? 1 : 0);
  pen.Time(answer.modified);
  pen.Number(answer.vary.size());
  for (const VaryValue& part : answer.vary) {
    pen.Text(part.name);
    pen.Byte(part.value ? 1 : 0);
    if (part.value) pen.Text(*part.value);
  }
  pen.Number(answer.not_modified_fields);
  pen.Text(answer.lines);
  pen.Text(answer.body);
  return std::move(pen).Seal();
}

std::string WriteNames(std::string_view key, const std::vector<VaryValue>& vary) {
  Pen pen(kNames, key, 0);
  pen.Number(vary.size());
  for (const VaryValue& part : vary) pen.Text(part.name);
  return std::move(pen).Seal();
}

SharedForm ReadShared(std::string_view bytes, std::string_view key) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kContentAt) return Damaged();
  Reader checksum(bytes.substr(kChecksumAt, sizeof(uint64_t)));
  const std::string_view content = bytes.substr(kContentAt);
  if (checksum.Number(64) != XXH3_64bits(content.data(), content.size())) return Damaged();
  Reader reader(content);
  const char kind = reader.Byte();
  const std::string_view stored_key = reader.Text();
  if (!reader.ok()) return Damaged();
  if (stored_key != key) return {};
  if (kind == kAnswer) return ReadAnswer(reader);
  return kind == kNames ? ReadNames(reader) : Damaged();
}

}  // namespace tollgate::cache
