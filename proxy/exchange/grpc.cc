#include "proxy/exchange/grpc.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace tollgate::exchange {
namespace {

// "TimeoutValue: positive integer as ASCII string of at most 8 digits".
constexpr size_t kMostDigits = 8;
// 99,999,999 hours would not fit into nanoseconds, and nobody waits for a year.
constexpr std::chrono::hours kLongest{24 * 365};

int StatusOf(std::string_view text) {
  int status = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  return error == std::errc() && end == text.data() + text.size() ? status : -1;
}

std::optional<std::chrono::nanoseconds> UnitOf(char unit) {
  switch (unit) {
    case 'H': return std::chrono::hours(1);
    case 'M': return std::chrono::minutes(1);
    case 'S': return std::chrono::seconds(1);
    case 'm': return std::chrono::milliseconds(1);
    case 'u': return std::chrono::microseconds(1);
    case 'n': return std::chrono::nanoseconds(1);
    default: return std::nullopt;
  }
}

}  // namespace

bool IsGrpc(const http::Fields& fields) {
  const std::string_view type = fields.Value(http::KnownHeader::kContentType);
  if (!http::EqualsIgnoringCase(type.substr(0, kGrpcContentType.size()), kGrpcContentType)) return false;
  const std::string_view rest = type.substr(kGrpcContentType.size());
  return rest.empty() || rest[0] == '+' || rest[0] == ';' || rest[0] == ' ';
}

std::optional<SteadyTime::duration> ParseGrpcTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMostDigits + 1) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - 1);
  const auto unit = UnitOf(text.back());
  uint32_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (!unit || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const bool fits = count <= kLongest / *unit;
  return std::chrono::duration_cast<SteadyTime::duration>(fits ? *unit * count : kLongest);
}

Outcome<Done> ReadGrpcDeadline(Exchange& x) {
  if (!x.grpc.is_call) return Done{};
  static constexpr std::string_view kName = "grpc-timeout";
  const http::Field* const field = x.head.fields.Find(kName);
  if (field == nullptr) return Done{};
  const auto timeout = ParseGrpcTimeout(field->value);
  const auto named = std::count_if(x.head.fields.begin(), x.head.fields.end(), [](const http::Field& one) {
    return http::EqualsIgnoringCase(one.name, kName);
  });
  if (!timeout || named > 1) {
    return Error{.problem = Problem::kBadRequest,
                 .detail =
                     "The grpc-timeout cannot be read: send one, of at most eight digits and one of H, "
                     "M, S, m, u and n.",
                 .reason = "grpc-timeout-malformed"};
  }
  x.grpc.deadline = x.started + *timeout;
  return Done{};
}

int GrpcStatusIn(const http::Fields& fields) {
  const http::Field* const field = fields.Find("grpc-status");
  return field == nullptr ? -1 : StatusOf(field->value);
}

int GrpcStatusIn(const http::Trailers& trailers) {
  for (const auto& [name, value] : trailers) {
    if (http::EqualsIgnoringCase(name, "grpc-status")) return StatusOf(value);
  }
  return -1;
}

std::string GrpcMessage(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded.append("%").append(1, kHex[octet >> 4]).append(1, kHex[octet & 15]);
  }
  return encoded;
}

}  // namespace tollgate::exchange
