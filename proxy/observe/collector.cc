#include "proxy/observe/collector.h"

#include <netdb.h>

#include <charconv>
#include <cstring>

#include "api/base/version.h"
#include "proxy/http/characters.h"
#include "proxy/http/framing.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/head_writer.h"
#include "proxy/io/tcp.h"

namespace tollgate::observe {
namespace {

constexpr uint16_t kOtlpPort = 4318;
constexpr uint16_t kHttpsPort = 443;
constexpr char kOtlpPath[] = "/v1/traces";
// What is read of a reply: a partial success has a count and a sentence.
constexpr size_t kMostOfReply = size_t{16} << 10;
// As for the stores: the first of many that cannot be reached would else take all the time.
constexpr size_t kMostAddresses = 8;
constexpr std::chrono::seconds kConnect{3};

Fault NoCollector(const std::string& url, const char* why) {
  return Fault{"\"" + url + "\" " + why +
               "; write http://HOST:4318 or https://HOST, with a path where it is not /v1/traces"};
}

// False: there is something that is no port.
bool ReadPort(std::string_view text, uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool ReadHost(std::string_view authority, CollectorAddress& address) {
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {
    const size_t close = host.find(']');
    if (close == std::string_view::npos) return false;
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
    if (!io::Address::FromLiteral(std::string(host), 1)) return false;
  } else {
    const size_t colon = std::min(host.find(':'), host.size());
    port = host.substr(colon);
    host = host.substr(0, colon);
    if (!http::AllOf(host, http::kHostChar)) return false;
  }
  if (host.empty() || (!port.empty() && (port[0] != ':' || !ReadPort(port.substr(1), address.port))))
    return false;
  address.host = host;
  return true;
}

std::vector<io::Address> Resolve(const CollectorAddress& address) {
  if (const auto literal = io::Address::FromLiteral(address.host, address.port)) return {*literal};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0)
    return {};
  std::vector<io::Address> addresses;
  for (const addrinfo* at = found; at != nullptr && addresses.size() < kMostAddresses; at = at->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, at->ai_addr, at->ai_addrlen);
    addresses.emplace_back(storage);
  }
  ::freeaddrinfo(found);
  return addresses;
}

// Seconds; the form of a date is passed over.
std::optional<std::chrono::seconds> RetryAfter(const http::Fields& fields) {
  const http::Field* const field = fields.Find("Retry-After");
  unsigned seconds = 0;
  if (field == nullptr) return std::nullopt;
  const auto [end, error] =
      std::from_chars(field->value.data(), field->value.data() + field->value.size(), seconds);
  if (error != std::errc() || end != field->value.data() + field->value.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

CollectorReply Trouble(std::string why) { return {.trouble = std::move(why), .body = {}}; }

}  // namespace

Result<CollectorAddress> CollectorAddress::Parse(const std::string& url) {
  CollectorAddress address;
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    address.secure = true;
    rest.remove_prefix(8);
  } else {
    return NoCollector(url, "is no address of http or https");
  }
  address.port = address.secure ? kHttpsPort : kOtlpPort;
  const size_t slash = std::min(rest.find('/'), rest.size());
  if (!ReadHost(rest.substr(0, slash), address))
    return NoCollector(url, "has no host, or no port behind its colon");
  const std::string_view path = rest.substr(slash);
  if (!http::AllOf(path, http::kPathChar)) return NoCollector(url, "has more than a path behind its host");
  address.path = path.empty() || path == "/" ? kOtlpPath : std::string(path);
  return address;
}

std::string CollectorAddress::authority() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void CollectorLink::Drop() {
  reader_.reset();
  if (stream_ != nullptr) stream_->Close();
  stream_.reset();
}

// Looking a name up waits on this thread, which nobody else waits for.
io::Task<std::string> CollectorLink::Open(SteadyTime deadline) {
  const std::vector<io::Address> addresses = Resolve(address_);
  if (addresses.empty()) co_return "its name cannot be looked up";
  std::string why;
  for (const io::Address& to : addresses) {
    io::Connected connected = co_await io::Connect(loop_, to, std::min(deadline, SteadyNow() + kConnect));
    why = std::strerror(connected.error);
    if (connected.stream == nullptr) continue;
    stream_ = std::move(connected.stream);
    if (!address_.secure) co_return std::string();
    io::Task<io::TlsConnected> handshake = io::StartTls(std::move(stream_), terms_, deadline);
    io::TlsConnected secured = co_await handshake;
    why = std::string(secured.reason);
    stream_ = std::move(secured.stream);
    if (stream_ != nullptr) co_return std::string();
  }
  co_return why;
}

io::Task<CollectorReply> CollectorLink::Post(std::string_view json, SteadyTime deadline) {
  if (stream_ != nullptr && !stream_->IsQuiet()) Drop();
  if (stream_ == nullptr) {
    const std::string why = co_await Open(deadline);
    if (!why.empty()) co_return Trouble(why);
    reader_ = std::make_unique<http::MessageReader>(*stream_);
  }
  stream_->SetReadDeadline(deadline);
  stream_->SetWriteDeadline(deadline);
  CollectorReply reply = co_await Exchange(json);
  if (reply.status == 0) Drop();
  co_return reply;
}

io::Task<CollectorReply> CollectorLink::Exchange(std::string_view json) {
  http::HeadWriter head(head_);
  head.RequestLine("POST", address_.path, {}, false);
  head.Field("Host", address_.authority());
  head.Field("User-Agent", std::string("tollgate/") + kVersion);
  head.Field("Content-Type", "application/json");
  head.Field("Content-Length", json.size());
  head.End();
  io::Stream::WriteAwaiter write = stream_->Write(head_, json);
  const io::IoResult sent = co_await write;
  if (!sent.ok()) co_return Trouble("the connection broke while spans were sent");
  co_return co_await ReadReply();
}

io::Task<CollectorReply> CollectorLink::ReadReply() {
  http::ResponseHead head;
  do {
    const http::HeadRead read = co_await reader_->ReadHead(false);
    if (read.status != http::HeadRead::Status::kDone) co_return Trouble("it gave no answer");
    head.fields.Clear();
    if (http::ParseResponseHead(read.head, head).status != http::HeadStatus::kDone) {
      co_return Trouble("its answer is no HTTP/1.1");
    }
    if (head.status < 200) reader_->FinishMessage();
  } while (head.status < 200);
  const http::FramingResult framing = http::ResponseFraming(head, "POST");
  if (framing.status != http::FramingStatus::kDone) co_return Trouble("its answer is no HTTP/1.1");
  CollectorReply reply{
      .status = head.status, .trouble = {}, .retry_after = RetryAfter(head.fields), .body = {}};
  const bool kept = http::KeepsAlive(head.minor_version, head.fields) &&
                    framing.framing.kind != http::Framing::Kind::kUntilClose;
  reader_->BeginBody(framing.framing);
  http::BodyPiece piece{http::BodyPiece::Status::kData};
  while (piece.status == http::BodyPiece::Status::kData && reply.body.size() < kMostOfReply) {
    piece = co_await reader_->ReadBody();
    reply.body.append(piece.data);
  }
  if (kept && piece.status == http::BodyPiece::Status::kEnd) {
    reader_->FinishMessage();
  } else {
    Drop();
  }
  co_return reply;
}

}  // namespace tollgate::observe
