#include "proxy/forward/probe.h"

#include <memory>
#include <string>
#include <utility>

#include "proxy/http/head_parser.h"
#include "proxy/http/head_writer.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {
namespace {

io::Task<std::unique_ptr<io::Stream>> Open(io::Loop& loop, const Endpoint& endpoint, const ProbeTerms& terms,
                                           SteadyTime deadline) {
  io::Task<io::Connected> connecting = io::Connect(loop, endpoint.address, deadline);
  io::Connected connected = co_await connecting;
  if (connected.stream == nullptr || terms.tls == nullptr) co_return std::move(connected.stream);
  io::Task<io::TlsConnected> handshake = io::StartTls(std::move(connected.stream), terms.tls, deadline);
  io::TlsConnected secured = co_await handshake;
  co_return std::move(secured.stream);
}

std::string Question(const Endpoint& endpoint, const ProbeTerms& terms) {
  std::string text;
  http::HeadWriter head(text);
  head.RequestLine("GET", terms.path, {}, false);
  head.Field("Host", terms.host.empty() ? endpoint.name : terms.host);
  head.Field("User-Agent", "tollgate-health");
  head.Field("Connection", "close");
  head.End();
  return text;
}

}  // namespace

io::Task<int> ProbeOnce(io::Loop& loop, const Endpoint& endpoint, const ProbeTerms& terms,
                        SteadyTime deadline) {
  io::Task<std::unique_ptr<io::Stream>> open = Open(loop, endpoint, terms, deadline);
  const std::unique_ptr<io::Stream> stream = co_await open;
  if (stream == nullptr) co_return 0;
  stream->SetReadDeadline(deadline);
  stream->SetWriteDeadline(deadline);
  const std::string question = Question(endpoint, terms);
  io::Stream::WriteAwaiter write = stream->Write(question);
  (void)co_await write;  // an answer may have come all the same
  http::MessageReader reader(*stream);
  http::ResponseHead answer;
  while (true) {
    const http::HeadRead read = co_await reader.ReadHead(false);
    const bool whole = read.status == http::HeadRead::Status::kDone &&
                       http::ParseResponseHead(read.head, answer).status == http::HeadStatus::kDone;
    if (!whole) co_return 0;
    if (answer.status >= 200) co_return answer.status;
    reader.FinishMessage();  // an interim answer
  }
}

}  // namespace tollgate::forward
