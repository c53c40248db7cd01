#include "proxy/admin/admin_server.h"

#include "proxy/http/head_parser.h"
#include "proxy/http/head_writer.h"
#include "proxy/http/message_reader.h"

namespace tollgate::admin {
namespace {

// Scrapers and probes are near and quick; whoever is not does not hold a socket here for long.
constexpr std::chrono::seconds kTimeout{30};

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::Start(const io::Address& on,
                                                        std::map<std::string, Page> pages) {
  std::unique_ptr<AdminServer> server(new AdminServer(std::move(pages)));
  Result<std::unique_ptr<io::Acceptor>> acceptor =
      io::Acceptor::Listen(server->loop_, on, io::Sharing::kNone);
  if (!acceptor.ok()) return acceptor.error();
  server->acceptor_ = std::move(*acceptor);
  server->thread_ = std::thread([raw = server.get()] {
    io::Detach(raw->AcceptConnections());
    raw->loop_.Run();
  });
  return server;
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

AdminAnswer AdminServer::Answer(std::string_view method, std::string_view path) const {
  const auto page = pages_.find(std::string(path.substr(0, path.find('?'))));
  if (page == pages_.end()) {
    std::string known;
    for (const auto& [name, unused] : pages_) known += " " + name;
    return {404, "text/plain; charset=utf-8", "not found; there is" + known + "\n"};
  }
  if (method != "GET" && method != "HEAD") return {405, "text/plain; charset=utf-8", "GET or HEAD only\n"};
  return page->second();
}

io::Task<void> AdminServer::ServeConnection(std::unique_ptr<io::Stream> stream) {
  http::MessageReader reader(*stream);
  bool keep_alive = true;
  while (keep_alive) {
    stream->SetReadDeadline(SteadyNow() + kTimeout);
    const http::HeadRead read = co_await reader.ReadHead(true);
    if (read.status != http::HeadRead::Status::kDone) co_return;
    http::RequestHead head;
    if (http::ParseRequestHead(read.head, head).status != http::HeadStatus::kDone) co_return;
    const http::FramingResult framing = http::RequestFraming(head);
    keep_alive = framing.status == http::FramingStatus::kDone && !framing.framing.has_body() &&
                 http::KeepsAlive(head.minor_version, head.fields);
    const AdminAnswer answer = Answer(head.method, head.target);
    std::string text;
    http::HeadWriter out(text);
    out.StatusLine(answer.status, http::ReasonPhrase(answer.status));
    out.Field("Content-Type", answer.content_type);
    out.Field("Content-Length", answer.body.size());
    if (!keep_alive) out.Field("Connection", "close");
    out.End();
    stream->SetWriteDeadline(SteadyNow() + kTimeout);
    io::Stream::WriteAwaiter write =
        stream->Write(text, head.method == "HEAD" ? std::string_view() : std::string_view(answer.body));
    const io::IoResult written = co_await write;
    if (!written.ok()) co_return;
    reader.FinishMessage();
  }
}

}  // namespace tollgate::admin
