#include "proxy/http/known_header.h"

#include <algorithm>
#include <array>

namespace tollgate::http {
namespace {

struct Name {
  std::string_view text;  // lower case
  KnownHeader header;
};

constexpr std::array kNames = std::to_array<Name>({
    {"accept-encoding", KnownHeader::kAcceptEncoding},
    {"age", KnownHeader::kAge},
    {"authorization", KnownHeader::kAuthorization},
    {"cache-control", KnownHeader::kCacheControl},
    {"connection", KnownHeader::kConnection},
    {"content-encoding", KnownHeader::kContentEncoding},
    {"content-length", KnownHeader::kContentLength},
    {"content-type", KnownHeader::kContentType},
    {"cookie", KnownHeader::kCookie},
    {"date", KnownHeader::kDate},
    {"etag", KnownHeader::kEtag},
    {"expect", KnownHeader::kExpect},
    {"expires", KnownHeader::kExpires},
    {"forwarded", KnownHeader::kForwarded},
    {"host", KnownHeader::kHost},
    {"if-match", KnownHeader::kIfMatch},
    {"if-modified-since", KnownHeader::kIfModifiedSince},
    {"if-none-match", KnownHeader::kIfNoneMatch},
    {"if-range", KnownHeader::kIfRange},
    {"if-unmodified-since", KnownHeader::kIfUnmodifiedSince},
    {"keep-alive", KnownHeader::kKeepAlive},
    {"last-modified", KnownHeader::kLastModified},
    {"location", KnownHeader::kLocation},
    {"pragma", KnownHeader::kPragma},
    {"proxy-authenticate", KnownHeader::kProxyAuthenticate},
    {"proxy-authorization", KnownHeader::kProxyAuthorization},
    {"proxy-connection", KnownHeader::kProxyConnection},
    {"range", KnownHeader::kRange},
    {"set-cookie", KnownHeader::kSetCookie},
    {"te", KnownHeader::kTe},
    {"x-tollgate-consumer", KnownHeader::kTollgateConsumer},
    {"x-tollgate-group", KnownHeader::kTollgateGroup},
    {"x-tollgate-operation", KnownHeader::kTollgateOperation},
    {"x-tollgate-plan", KnownHeader::kTollgatePlan},
    {"trailer", KnownHeader::kTrailer},
    {"transfer-encoding", KnownHeader::kTransferEncoding},
    {"upgrade", KnownHeader::kUpgrade},
    {"vary", KnownHeader::kVary},
    {"via", KnownHeader::kVia},
    {"x-forwarded-client-cert", KnownHeader::kXForwardedClientCert},
    {"x-forwarded-for", KnownHeader::kXForwardedFor},
    {"x-forwarded-host", KnownHeader::kXForwardedHost},
    {"x-forwarded-proto", KnownHeader::kXForwardedProto},
    {"x-request-id", KnownHeader::kXRequestId},
});

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// A perfect hash by length and two letters would need care at each new name; a small open table filled at
// compile time needs none.
constexpr size_t kSlots = 256;
constexpr size_t SlotOf(std::string_view name) {
  return (name.size() * 31 + static_cast<unsigned char>(Lower(name.front())) * 7 +
          static_cast<unsigned char>(Lower(name.back())) * 17 +
          static_cast<unsigned char>(Lower(name[name.size() / 2]))) %
         kSlots;
}

constexpr std::array<uint8_t, kSlots> kTable = [] {
  std::array<uint8_t, kSlots> table{};  // index into kNames, plus one
  for (size_t i = 0; i < kNames.size(); ++i) {
    size_t slot = SlotOf(kNames[i].text);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<uint8_t>(i + 1);
  }
  return table;
}();

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

bool IsLookAlike(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  bool differ = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) == Lower(b[i])) continue;
    if (!((a[i] == '_' && b[i] == '-') || (a[i] == '-' && b[i] == '_'))) return false;
    differ = true;
  }
  return differ;
}

KnownHeader Classify(std::string_view name) {
  if (name.empty()) return KnownHeader::kOther;
  for (size_t slot = SlotOf(name); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    const Name& candidate = kNames[kTable[slot] - 1];
    if (EqualsIgnoringCase(candidate.text, name)) return candidate.header;
  }
  return KnownHeader::kOther;
}

KnownHeader ClassifyAsCgi(std::string_view name) {
  std::array<char, 32> dashed;  // longer than every known name
  if (name.size() > dashed.size() || name.find('_') == std::string_view::npos) return KnownHeader::kOther;
  std::replace_copy(name.begin(), name.end(), dashed.begin(), '_', '-');
  return Classify({dashed.data(), name.size()});
}

bool IsHopByHop(KnownHeader header) {
  switch (header) {
    case KnownHeader::kConnection:
    case KnownHeader::kKeepAlive:
    case KnownHeader::kProxyAuthenticate:
    case KnownHeader::kProxyAuthorization:
    case KnownHeader::kProxyConnection:
    case KnownHeader::kTe:
    case KnownHeader::kTrailer:
    case KnownHeader::kTransferEncoding:
    case KnownHeader::kUpgrade: return true;
    default: return false;
  }
}

}  // namespace tollgate::http
