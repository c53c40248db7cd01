#include "proxy/admin/admin_server.h"

#include "proxy/http/head_parser.h"
#include "proxy/http/head_writer.h"
#include "proxy/http/message_reader.h"

namespace tollgate::admin {
namespace {

// Scrapers and probes are near and quick; whoever is not does not hold a socket here for long.
constexpr std::chrono::seconds kTimeout{30};

constexpr char kPlainText[] = "text/plain; charset=utf-8";

// Without the port.
std::string_view HostOf(const http::RequestHead& head) {
  const std::string_view host = head.fields.Value(http::KnownHeader::kHost);
  const size_t colon = host.rfind(':');
  const bool in_brackets = colon != std::string_view::npos && host.find(']', colon) != std::string_view::npos;
  return colon == std::string_view::npos || in_brackets ? host : host.substr(0, colon);
}

bool IsOfBrowser(const http::RequestHead& head) {
  if (head.fields.Find("Origin") != nullptr || head.fields.Find("Sec-Fetch-Site") != nullptr) return true;
  const std::string host(HostOf(head));
  const bool is_address = io::Address::Parse(host + ":0").has_value();
  return !host.empty() && !is_address && !http::EqualsIgnoringCase(host, "localhost");
}

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::Open(const io::Address& on,
                                                       std::map<std::string, Page> pages,
                                                       std::vector<io::Descriptor> inherited) {
  std::unique_ptr<AdminServer> server(new AdminServer(std::move(pages)));
  Result<std::unique_ptr<io::Acceptor>> acceptor =
      inherited.empty() ? io::Acceptor::Listen(server->loop_, on, io::Sharing::kNone)
                        : io::Acceptor::Adopt(server->loop_, std::move(inherited.front()));
  if (!acceptor.ok()) return acceptor.error();
  server->acceptor_ = std::move(*acceptor);
  return server;
}

void AdminServer::Start() {
  thread_ = std::thread([this] {
    io::Detach(AcceptConnections());
    loop_.Run();
  });
}

void AdminServer::StopAccepting() {
  loop_.Post([this] {
    leaving_ = true;
    acceptor_->Finish();
  });
}

AdminServer::~AdminServer() {
  loop_.Stop();
  if (thread_.joinable()) thread_.join();
}

io::Task<void> AdminServer::AcceptConnections() {
  while (std::unique_ptr<io::Stream> stream = co_await acceptor_->Accept()) {
    io::Detach(ServeConnection(std::move(stream)));
  }
}

AdminAnswer AdminServer::Answer(const http::RequestHead& head) const {
  if (refuses_browsers_ && IsOfBrowser(head)) {
    return {403, kPlainText, "not for browsers; ask by curl, with an IP address or localhost as the host\n"};
  }
  const auto found = pages_.find(std::string(head.target.substr(0, head.target.find('?'))));
  if (found == pages_.end()) {
    std::string known;
    for (const auto& [name, unused] : pages_) known += " " + name;
    return {404, kPlainText, "not found; there is" + known + "\n"};
  }
  const Page& page = found->second;
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (page.acts && head.method != "POST") return {405, kPlainText, "POST only\n"};
  if (!page.acts && !reads) return {405, kPlainText, "GET or HEAD only\n"};
  return page.answer();
}

io::Task<void> AdminServer::ServeConnection(std::unique_ptr<io::Stream> stream) {
  using Status = http::HeadRead::Status;
  http::MessageReader reader(*stream);
  bool keep_alive = true;
  while (keep_alive) {
    stream->SetReadDeadline(SteadyNow() + kTimeout);
    const http::HeadRead read = co_await reader.ReadHead(true);
    http::RequestHead head;
    AdminAnswer answer;
    if (read.status == Status::kMalformed || read.status == Status::kTooLarge) {
      answer = {400, kPlainText, "this is no HTTP/1.1 request\n"};
      keep_alive = false;
    } else if (read.status != Status::kDone) {
      co_return;
    } else if (const http::HeadResult parsed = http::ParseRequestHead(read.head, head);
               parsed.status != http::HeadStatus::kDone) {
      answer = {400, kPlainText, std::string(parsed.reason) + "\n"};
      keep_alive = false;
    } else {
      answer = Answer(head);
      const http::FramingResult framing = http::RequestFraming(head);
      keep_alive = framing.status == http::FramingStatus::kDone && !framing.framing.has_body() &&
                   http::KeepsAlive(head.minor_version, head.fields);
    }
    keep_alive = keep_alive && !leaving_;
    io::Task<bool> send = Send(*stream, answer, head.method != "HEAD", keep_alive);
    if (!co_await send) co_return;
    reader.FinishMessage();
  }
}

// False: it could not be sent.
io::Task<bool> AdminServer::Send(io::Stream& stream, const AdminAnswer& answer, bool with_body,
                                 bool keep_alive) {
  std::string text;
  http::HeadWriter out(text);
  out.StatusLine(answer.status, http::ReasonPhrase(answer.status));
  out.Field("Content-Type", answer.content_type);
  out.Field("Content-Length", answer.body.size());
  if (!keep_alive) out.Field("Connection", "close");
  out.End();
  stream.SetWriteDeadline(SteadyNow() + kTimeout);
  io::Stream::WriteAwaiter write =
      stream.Write(text, with_body ? std::string_view(answer.body) : std::string_view());
  const io::IoResult written = co_await write;
  co_return written.ok();
}

}  // namespace tollgate::admin
