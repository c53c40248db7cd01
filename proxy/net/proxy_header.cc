#include "proxy/net/proxy_header.h"

#include <algorithm>

#include "proxy/http/proxy_protocol.h"
#include "proxy/io/buffer_pool.h"
#include "proxy/io/tcp.h"

namespace tollgate::net {

using http::ProxyHeader;

namespace {

static_assert(http::kMaxProxyHeaderBytes < io::kBlockBytes);

// How many of the bytes that wait in the socket are the header's, too; 1 where none waits: the header is not
// whole yet, so that the next byte is.
size_t NextBytes(io::Stream& accepted, std::span<char> block, size_t read) {
  const io::IoResult waiting = io::Peek(accepted, block.subspan(read));
  if (!waiting.ok()) return 1;
  const size_t all = read + waiting.bytes;
  const ProxyHeader header = http::ParseProxyHeader({block.data(), all});
  return header.status == ProxyHeader::Status::kDone ? header.length - read : waiting.bytes;
}

ProxyHeaderOutcome OutcomeOf(io::IoStatus status) {
  return status == io::IoStatus::kTimeout ? ProxyHeaderOutcome::kTimeout : ProxyHeaderOutcome::kClosed;
}

}  // namespace

std::string_view TextOf(ProxyHeaderOutcome outcome) {
  switch (outcome) {
    case ProxyHeaderOutcome::kDone: return "done";
    case ProxyHeaderOutcome::kMalformed: return "malformed";
    case ProxyHeaderOutcome::kTimeout: return "timeout";
    case ProxyHeaderOutcome::kClosed: break;
  }
  return "closed";
}

io::Task<ProxyHeaderOutcome> ReadProxyHeader(io::Stream& accepted, SteadyTime deadline) {
  const io::Block owned = io::TakeBlock();
  const std::span<char> block(owned.get(), io::kBlockBytes);
  accepted.SetReadDeadline(deadline);
  size_t read = 0;
  size_t next = http::kMinProxyHeaderBytes;
  while (true) {
    io::Stream::ReadAwaiter reading = accepted.Read(block.subspan(read, next));
    const io::IoResult result = co_await reading;
    if (!result.ok()) co_return OutcomeOf(result.status);
    read += result.bytes;
    const ProxyHeader header = http::ParseProxyHeader({block.data(), read});
    if (header.status == ProxyHeader::Status::kMalformed) co_return ProxyHeaderOutcome::kMalformed;
    if (header.status == ProxyHeader::Status::kDone) {
      if (header.source) io::SetPeer(accepted, *header.source);
      co_return ProxyHeaderOutcome::kDone;
    }
    next = read < http::kMinProxyHeaderBytes ? http::kMinProxyHeaderBytes - read
                                             : NextBytes(accepted, block, read);
  }
}

}  // namespace tollgate::net
