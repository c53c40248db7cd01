#include "proxy/forward/mirror_sender.h"

#include <utility>

#include "proxy/http/framing.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {
namespace {

// The head of the final answer; false: there is none.
io::Task<bool> ReadHead(http::MessageReader& reader, http::ResponseHead& head) {
  while (true) {
    const http::HeadRead read = co_await reader.ReadHead(false);
    if (read.status != http::HeadRead::Status::kDone) co_return false;
    if (http::ParseResponseHead(read.head, head).status != http::HeadStatus::kDone) co_return false;
    if (head.status >= 200) co_return true;
    if (head.status == 101) co_return false;
    reader.FinishMessage();
  }
}

// Whether the whole body came.
io::Task<bool> ReadBody(http::MessageReader& reader) {
  size_t bytes = 0;
  while (!reader.body_done() && bytes <= MirrorSender::kMostRead) {
    const http::BodyPiece piece = co_await reader.ReadBody();
    if (piece.status == http::BodyPiece::Status::kEnd) break;
    if (piece.status != http::BodyPiece::Status::kData) co_return false;
    bytes += piece.data.size();
  }
  co_return reader.body_done();
}

}  // namespace

void MirrorSender::Send(Copy copy, MirrorTally& tally) {
  if (copy.endpoint == nullptr || under_way_ >= kMostUnderWay) {
    tally.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  ++under_way_;
  // What a posted function holds has to be copyable.
  auto held = std::make_shared<Copy>(std::move(copy));
  loop_.Post([this, held, &tally] { io::Detach(Run(std::move(*held), tally)); });
}

io::Task<void> MirrorSender::Run(Copy copy, MirrorTally& tally) {
  io::Task<bool> exchange = Exchange(copy);
  const bool answered = co_await exchange;
  (answered ? tally.answered : tally.failed).fetch_add(1, std::memory_order_relaxed);
  --under_way_;
}

io::Task<UpstreamConnection> MirrorSender::Connect(Endpoint& endpoint, SteadyTime deadline) {
  UpstreamConnection connection = pool_.Take(endpoint, nullptr);
  if (connection.stream != nullptr) co_return connection;
  (void)endpoint.permits->Take(0);
  connection.permit = Permit(endpoint.permits);
  io::Task<io::Connected> connecting = io::Connect(loop_, endpoint.address, deadline);
  io::Connected connected = co_await connecting;
  connection.stream = std::move(connected.stream);
  co_return connection;
}

io::Task<bool> MirrorSender::Exchange(const Copy& copy) {
  const SteadyTime deadline = SteadyNow() + kTimeout;
  io::Task<UpstreamConnection> connecting = Connect(*copy.endpoint, deadline);
  UpstreamConnection connection = co_await connecting;
  if (connection.stream == nullptr) co_return false;
  io::Stream& stream = *connection.stream;
  stream.SetReadDeadline(deadline);
  stream.SetWriteDeadline(deadline);
  io::Stream::WriteAwaiter write = stream.Write(copy.request);
  const io::IoResult written = co_await write;
  if (!written.ok()) co_return false;
  http::ResponseHead head;
  bool whole = false;
  {
    http::MessageReader reader(stream);
    io::Task<bool> read_head = ReadHead(reader, head);
    if (!co_await read_head) co_return false;
    const http::FramingResult framing = http::ResponseFraming(head, copy.method);
    if (framing.status != http::FramingStatus::kDone) co_return false;
    reader.BeginBody(framing.framing);
    io::Task<bool> read_body = ReadBody(reader);
    whole = co_await read_body;
    whole = whole && framing.framing.kind != http::Framing::Kind::kUntilClose && !reader.has_input() &&
            http::KeepsAlive(head.minor_version, head.fields);
  }
  if (!whole) co_return true;
  stream.SetReadDeadline(SteadyTime::max());
  stream.SetWriteDeadline(SteadyTime::max());
  pool_.Give(*copy.endpoint, std::move(connection), 0);
  co_return true;
}

}  // namespace tollgate::forward
