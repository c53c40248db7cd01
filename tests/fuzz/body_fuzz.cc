// Bodies: the same content and verdict however the bytes are cut, and content that was decoded comes back
// when it is sent in chunks.
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/body_decoder.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

using http::BodyDecoder;
using http::Framing;

struct Decoded {
  std::string payload;
  BodyDecoder::Status status = BodyDecoder::Status::kMore;
  size_t used = 0;

  bool operator==(const Decoded&) const = default;
};

Decoded Decode(Framing framing, std::string_view input, const std::vector<size_t>& ends) {
  BodyDecoder decoder(framing);
  Decoded decoded;
  for (const size_t end : ends) {
    while (decoded.status == BodyDecoder::Status::kMore) {
      const BodyDecoder::Step step = decoder.Decode(input.substr(decoded.used, end - decoded.used));
      Require(step.consumed <= end - decoded.used, "no more is used up than there is");
      Require(step.payload.size() <= step.consumed, "content is part of what was used up");
      Require(decoder.done() == (step.status == BodyDecoder::Status::kDone), "done is done");
      decoded.payload += step.payload;
      decoded.status = step.status;
      decoded.used += step.consumed;
      if (step.consumed == 0) break;
    }
  }
  if (decoded.status == BodyDecoder::Status::kMore) {
    Require(decoded.used == input.size(), "a body that wants more has used up everything");
    decoded.status = decoder.OnEof();
  }
  if (decoded.status == BodyDecoder::Status::kMalformed) decoded.used = 0;  // where it was seen may differ
  return decoded;
}

std::string InChunks(std::string_view payload, size_t chunk) {
  std::string raw;
  while (!payload.empty()) {
    const std::string_view piece = payload.substr(0, chunk);
    char size[16];
    const auto [end, error] = std::to_chars(size, size + sizeof size, piece.size(), 16);
    raw.append(size, static_cast<size_t>(end - size)).append("\r\n").append(piece).append("\r\n");
    payload.remove_prefix(piece.size());
  }
  return raw + "0\r\n\r\n";
}

void CheckBody(Framing framing, std::string_view input, size_t cut) {
  const Decoded whole = Decode(framing, input, {input.size()});
  Require(Decode(framing, input, {cut, input.size()}) == whole, "one cut changes nothing");
  std::vector<size_t> bytes;
  for (size_t i = 1; i <= input.size(); ++i) bytes.push_back(i);
  if (input.size() < 4096) Require(Decode(framing, input, bytes) == whole, "byte by byte changes nothing");
  Require(framing.kind != Framing::Kind::kLength || whole.payload.size() <= framing.length,
          "the length is kept");
  const std::string chunked = InChunks(whole.payload, cut + 1);
  const Decoded again = Decode({Framing::Kind::kChunked, 0}, chunked, {chunked.size()});
  Require(again.status == BodyDecoder::Status::kDone && again.payload == whole.payload, "content comes back");
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  tollgate::http::Framing framing;
  framing.kind = static_cast<tollgate::http::Framing::Kind>(data[0] % 4);
  framing.length = data[0];
  tollgate::fuzz::CheckBody(framing, input, data[1] % (input.size() + 1));
  return 0;
}
