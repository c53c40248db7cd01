// The bytes of a client of HTTP/2: whatever comes, each request is heard of once, before its body and that
// before its end; it is a head that HTTP/1.1 could have brought; and however the bytes are cut, the same is
// heard.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "proxy/http/head_parser.h"
#include "proxy/http/http2_session.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

constexpr std::string_view kGreeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr size_t kMostTakes = 10'000;

class Listener final : public http::Http2Observer {
 public:
  struct Stream {
    std::string head;
    std::string body;
    std::string answer = "ok";
    bool ended = false;
    bool closed = false;
    bool operator==(const Stream&) const = default;
  };

  void OnRequest(http::StreamId id, std::unique_ptr<http::Http2Request> request) override {
    Require(id > 0 && id % 2 == 1, "clients open odd streams");
    Require(streams_.empty() || streams_.rbegin()->first < id, "and each but once, in order");
    streams_[id].head = Read(*request);
  }
  void OnBody(http::StreamId id, std::string_view data) override {
    Stream& stream = Known(id);
    Require(!stream.ended, "no body follows its end");
    stream.body += data;
  }
  void OnTrailers(http::StreamId id, std::unique_ptr<http::Trailers> trailers) override {
    Require(!Known(id).ended && trailers != nullptr, "trailers end a body");
  }
  void OnBodyEnd(http::StreamId id) override {
    Require(!std::exchange(Known(id).ended, true), "a body ends once");
  }
  Outgoing Body(http::StreamId id) override { return {Known(id).answer, true, nullptr}; }
  void OnTaken(http::StreamId id, size_t bytes) override {
    Require(bytes <= Known(id).answer.size(), "what is taken was there");
    Known(id).answer.erase(0, bytes);
  }
  void OnClosed(http::StreamId id) override {
    if (const auto found = streams_.find(id); found != streams_.end()) found->second.closed = true;
  }

  std::map<http::StreamId, Stream>& streams() { return streams_; }

 private:
  Stream& Known(http::StreamId id) {
    const auto found = streams_.find(id);
    Require(found != streams_.end(), "nothing comes on a stream without a request");
    return found->second;
  }
  static std::string Read(const http::Http2Request& request) {
    if (request.fault() != http::Http2Request::Fault::kNone) return "faulty";
    const http::RequestHead& head = request.head();
    Require(http::IsToken(head.method), "the method is a token");
    RequireText(head.target);
    std::string text = std::string(head.method) + " " + std::string(head.target) + "\n";
    for (const http::Field& field : head.fields) {
      Require(http::IsToken(field.name), "a name is a token");
      RequireText(field.value);
      text.append(field.name).append(": ").append(field.value).append("\n");
    }
    return text;
  }
  static void RequireText(std::string_view text) {
    Require(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
            "no line end and no zero gets into a head");
  }

  std::map<http::StreamId, Stream> streams_;
};

struct Heard {
  bool sound = true;
  std::map<http::StreamId, Listener::Stream> streams;
  bool operator==(const Heard&) const = default;
};

// All that is to be sent, whoever wants it.
void TakeAll(http::Http2Session& session) {
  char out[1024];
  for (size_t takes = 0;; ++takes) {
    const size_t size = session.Take(out);
    Require(size <= sizeof out, "no more is written than there is room for");
    if (size == 0) return;
    Require(takes < kMostTakes, "what is to be sent comes to an end");
  }
}

Heard Hear(std::string_view first, std::string_view second) {
  const SteadyTime now;
  Listener listener;
  http::Http2Session session(listener, {});
  Heard heard;
  heard.sound =
      session.Receive(kGreeting, now) && session.Receive(first, now) && session.Receive(second, now);
  heard.streams = listener.streams();
  const http::Fields none;
  for (const auto& [id, stream] : heard.streams) {
    if (!stream.closed) session.SendHead(id, {200, none, {}}, true);
  }
  TakeAll(session);
  session.End(http::Http2Error::kNone);
  TakeAll(session);
  return heard;
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = data[0] % (input.size() + 1);
  using namespace tollgate::fuzz;
  Require(Hear(input, {}) == Hear(input.substr(0, cut), input.substr(cut)), "cuts change nothing");
  return 0;
}
