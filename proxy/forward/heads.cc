#include "proxy/forward/heads.h"

#include <algorithm>
#include <charconv>

#include "proxy/http/head_writer.h"
#include "proxy/http/hop_by_hop.h"
#include "proxy/http/web_socket.h"

namespace tollgate::forward {
namespace {

using http::KnownHeader;

// What the gateway writes itself, so that a caller's own never arrives.
bool WrittenByGateway(KnownHeader header) {
  switch (header) {
    case KnownHeader::kHost:
    case KnownHeader::kContentLength:
    case KnownHeader::kExpect:  // the gateway has answered it
    case KnownHeader::kForwarded:
    case KnownHeader::kXForwardedClientCert:  // by which others tell whose certificate they saw
    case KnownHeader::kXForwardedFor:
    case KnownHeader::kXForwardedHost:
    case KnownHeader::kXForwardedProto:
    case KnownHeader::kXRequestId: return true;
    default: return false;
  }
}

// By which copies of requests are told, so that no caller's request is taken for one.
bool IsMirrorMark(const http::Field& field) {
  constexpr std::string_view kMark = "x-tollgate-mirror";
  return field.name.size() == kMark.size() &&
         std::equal(kMark.begin(), kMark.end(), field.name.begin(), [](char mark, char c) {
           return mark == c || (c == '_' && mark == '-') || mark == (c | 0x20);
         });
}

template <class Head>
void WriteForwarding(const exchange::Exchange& x, std::string_view authority, Head& head) {
  const std::string ip = x.client().ip();
  head.Field("X-Request-Id", x.request_id);
  head.Field("X-Forwarded-For", x.forwarded_for.empty() ? ip : x.forwarded_for);
  head.Field("X-Forwarded-Proto", x.transport.scheme());
  head.Field("X-Forwarded-Host", authority);
  // RFC 7239, section 6: an IPv6 address stands in brackets and quotes.
  const bool quoted = ip.find(':') != std::string::npos;
  const std::string node = quoted ? "\"[" + ip + "]\"" : ip;
  head.Field("Forwarded", "for=" + node + ";host=\"" + std::string(authority) +
                              "\";proto=" + std::string(x.transport.scheme()));
  head.Field("Via", "1.1 tollgate");
}

template <class Head>
void WriteIdentity(const exchange::Exchange& x, Head& head) {
  if (x.identity.consumer == nullptr) return;
  head.Field("X-Tollgate-Consumer", x.identity.consumer->id());
  head.Field("X-Tollgate-Plan", x.identity.plan->name);
  head.Field("X-Tollgate-Operation", x.routed->rule->spec->operation());
  if (!x.identity.consumer->group().empty()) head.Field("X-Tollgate-Group", x.identity.consumer->group());
}

// Fields of one connection, so that the caller's own have been left behind.
void WriteUpgrade(const exchange::Exchange& x, http::HeadWriter& head) {
  if (!x.web_socket) return;
  head.Field("Connection", "Upgrade");
  head.Field("Upgrade", http::kWebSocket);
  if (!x.web_socket_key.empty()) head.Field("Sec-WebSocket-Key", x.web_socket_key);
}

// Everything behind the request line and Host, but for what describes the connection.
template <class Head>
void WriteFields(const exchange::Exchange& x, std::string_view authority, const http::Framing& body,
                 Head& head) {
  const bool chunked = body.kind == http::Framing::Kind::kChunked;
  const http::ConnectionOptions options(x.fields);
  for (const http::Field& field : x.fields) {
    if (WrittenByGateway(field.known)) continue;
    const bool announces = field.known == KnownHeader::kTrailer && chunked;
    if (!announces && options.Names(field)) continue;
    if (WrittenByGateway(http::ClassifyAsCgi(field.name)) || IsMirrorMark(field)) continue;
    head.Field(field.name, field.value);
  }
  WriteIdentity(x, head);
  WriteForwarding(x, authority, head);
  if (body.kind == http::Framing::Kind::kLength) head.Field("Content-Length", body.length);
  // A request that may have a body says that it has none (RFC 9110, section 8.6).
  const bool expects_body = x.head.method == "POST" || x.head.method == "PUT" || x.head.method == "PATCH";
  if (!body.has_body() && expects_body) head.Field("Content-Length", uint64_t{0});
  // It describes our connection with the upstream (RFC 9110, section 10.1.4).
  if (http::TakesTrailers(x.head.fields)) head.Field("TE", "trailers");
}

std::string_view AuthorityOf(const exchange::Exchange& x, const Destination& destination) {
  return x.target.authority.empty() ? destination.endpoint : x.target.authority;
}

}  // namespace

void WriteRequestHead(const exchange::Exchange& x, const Destination& destination, const http::Framing& body,
                      std::string& out) {
  http::HeadWriter head(out);
  const std::string_view authority = AuthorityOf(x, destination);
  head.RequestLine(x.head.method, destination.path, x.query, x.has_query);
  head.Field("Host", destination.host.empty() ? authority : destination.host);
  WriteFields(x, authority, body, head);
  if (body.kind == http::Framing::Kind::kChunked) head.Field("Transfer-Encoding", "chunked");
  if (http::TakesTrailers(x.head.fields)) head.Field("Connection", "TE");
  WriteUpgrade(x, head);
  head.End();
}

void WriteRequestHead(const exchange::Exchange& x, const Destination& destination, const http::Framing& body,
                      http::Http2RequestHead& head) {
  const std::string_view authority = AuthorityOf(x, destination);
  head.Begin(x.head.method, destination.scheme, destination.host.empty() ? authority : destination.host,
             destination.path, x.query, x.has_query);
  WriteFields(x, authority, body, head);
}

void InterimFields(const http::ResponseHead& head, http::Fields& fields) {
  const http::ConnectionOptions options(head.fields);
  for (const http::Field& field : head.fields) {
    const bool stays = field.known == KnownHeader::kContentLength || options.Names(field);
    if (!stays) (void)fields.Add(field);
  }
}

void MakeAnswer(const http::ResponseHead& head, const http::Framing& framing, bool limited,
                exchange::Answer& answer) {
  answer.status = head.status;
  const http::ConnectionOptions options(head.fields);
  for (const http::Field& field : head.fields) {
    if (field.known == KnownHeader::kContentLength) {
      const auto [end, error] = std::from_chars(field.value.data(), field.value.data() + field.value.size(),
                                                answer.declared_length);
      answer.has_declared_length = error == std::errc();
      continue;
    }
    // The caller knows the request by the id that the gateway gave it.
    if (field.known == KnownHeader::kXRequestId) continue;
    if (limited && http::IsRateLimitField(field)) continue;
    const bool announces =
        field.known == KnownHeader::kTrailer && framing.kind == http::Framing::Kind::kChunked;
    if (announces || !options.Names(field)) (void)answer.fields.Add(field);
  }
  answer.framing = framing;
  if (framing.kind == http::Framing::Kind::kUntilClose) answer.framing.kind = http::Framing::Kind::kChunked;
}

}  // namespace tollgate::forward
