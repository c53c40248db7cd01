// A forwarder, a caller in memory, and an upstream on the loopback interface that follows a script.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/forward/forwarder.h"
#include "tests/kit/loop_fixture.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::forward {

inline constexpr char kHello[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// What the gateway's own stages see of an answer.
class RecordingObserver final : public AnswerObserver {
 public:
  int status = 0;
  std::string body;
  bool ended = false;
  bool has_trailers = false;

  void OnHead(const http::ResponseHead& head, const http::Framing&, exchange::Answer& answer) override {
    status = head.status;
    answer.Add("X-Added", "1");
  }
  void OnBody(std::string_view piece) override { body += piece; }
  void OnEnd(bool with_trailers) override {
    ended = true;
    has_trailers = with_trailers;
  }
};

class ForwarderFixture : public kit::LoopFixture {
 public:
  // One exchange of the upstream's: it reads until `until` has come, answers, and may close.
  struct Turn {
    std::string answer;
    std::string until = "\r\n\r\n";
    bool close = false;
  };
  // What the upstream does on its next connection.
  void OnConnection(std::vector<Turn> turns) { script_.push_back(std::move(turns)); }

  ForwarderFixture() {
    auto acceptor = io::Acceptor::Listen(loop_, *io::Address::Parse("127.0.0.1:0"), io::Sharing::kNone);
    EXPECT_TRUE(acceptor.ok());
    acceptor_ = std::move(*acceptor);
    AddEndpoint(acceptor_->local().port());
    rule_ = &kit::AddRule(builder_.Route("a/route"), "rule");
    kit::AddTarget(*rule_, "a/u:80");
    io::Detach(ServeUpstream());
  }
  void AddEndpoint(uint16_t port) {
    api::Upstream& upstream = builder_.Upstream("a/u:80", {"127.0.0.1"});
    upstream.mutable_endpoints(upstream.endpoints_size() - 1)->set_port(port);
  }
  api::Rule& rule() { return *rule_; }
  uint16_t port() const { return acceptor_->local().port(); }
  api::ConnectionLimits& limits() { return *rule_->mutable_limits(); }
  api::Retry& retry() { return *rule_->mutable_retry(); }
  api::Timeouts& timeouts() { return *rule_->mutable_timeouts(); }

  // Forwards one request after the other, then stops the loop.
  void Forward(std::initializer_list<kit::TestExchange*> requests) {
    catalog_ = builder_.Build();
    tables_.emplace(*catalog_, book_);
    Run(ForwardAll({requests.begin(), requests.end()}));
  }
  void Forward(kit::TestExchange& x) { Forward({&x}); }
  // Forwards some requests side by side, then one more.
  void ForwardTogether(std::initializer_list<kit::TestExchange*> together, kit::TestExchange& then) {
    catalog_ = builder_.Build();
    tables_.emplace(*catalog_, book_);
    Run(ForwardTogether(std::vector<kit::TestExchange*>(together), then));
  }

  // What became of the last request: "sent", or the problem and its reason.
  const std::string& outcome() const { return outcome_; }
  // Of all requests, as they ended.
  const std::vector<std::string>& outcomes() const { return outcomes_; }
  // What the upstream read, turn by turn.
  const std::vector<std::string>& received() const { return received_; }
  const RecordingObserver& observer() const { return observer_; }
  size_t connections() const { return connections_; }

 protected:
  kit::SnapshotBuilder builder_;

 private:
  io::Task<void> ForwardOne(kit::TestExchange& x) {
    x->routed = exchange::Routed{catalog_->routes().data(), catalog_->rules().data(), 0, nullptr};
    RecordingObserver observer;
    const exchange::Outcome<Done> outcome = co_await forwarder_.Forward(*x, *tables_, observer);
    outcome_ = outcome.ok() ? "sent"
                            : std::string(exchange::RowOf(outcome.error().problem).slug) + "/" +
                                  std::string(outcome.error().reason);
    outcomes_.push_back(outcome_);
    observer_ = observer;
  }
  io::Task<void> ForwardAll(std::vector<kit::TestExchange*> requests) {
    for (kit::TestExchange* x : requests) co_await ForwardOne(*x);
  }
  io::Task<void> ForwardTogether(std::vector<kit::TestExchange*> together, kit::TestExchange& then) {
    size_t under_way = together.size();
    io::Event all_done;
    for (kit::TestExchange* x : together) io::Detach(ForwardAndCount(*x, under_way, all_done));
    co_await all_done;
    co_await ForwardOne(then);
  }
  io::Task<void> ForwardAndCount(kit::TestExchange& x, size_t& under_way, io::Event& all_done) {
    co_await ForwardOne(x);
    if (--under_way == 0) all_done.Set();
  }
  io::Task<void> ServeUpstream() {
    while (std::unique_ptr<io::Stream> stream = co_await acceptor_->Accept()) {
      ++connections_;
      streams_.push_back(std::move(stream));
      std::vector<Turn> turns;
      if (!script_.empty()) {
        turns = std::move(script_.front());
        script_.pop_front();
      }
      io::Detach(ServeConnection(*streams_.back(), std::move(turns)));
    }
  }
  io::Task<void> ServeConnection(io::Stream& stream, std::vector<Turn> turns) {
    for (const Turn& turn : turns) {
      const size_t number = received_.size();
      received_.emplace_back();
      io::IoResult result;
      while (result.ok() && received_[number].find(turn.until) == std::string::npos) {
        std::string piece;
        result = co_await kit::ReadSome(stream, piece);
        received_[number] += piece;
      }
      if (result.ok()) result = co_await kit::WriteAll(stream, turn.answer);
      if (turn.close || !result.ok()) {
        stream.Close();
        co_return;
      }
    }
  }

  std::unique_ptr<io::Acceptor> acceptor_;
  api::Rule* rule_;
  std::deque<std::vector<Turn>> script_;
  std::vector<std::unique_ptr<io::Stream>> streams_;
  std::vector<std::string> received_;
  size_t connections_ = 0;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  EndpointBook book_;
  PoolRoster pools_;
  std::optional<ForwardTables> tables_;
  RecordingObserver observer_;
  Forwarder forwarder_{loop_, pools_, 1, kit::milliseconds(100)};
  std::string outcome_;
  std::vector<std::string> outcomes_;
};

// One GET and what became of it.
class GetFixture : public ForwarderFixture {
 protected:
  // Forwards a request to an upstream that answers with this; the body that the caller gets.
  std::string BodyOf(const std::string& answer, bool close = false, const char* method = "GET") {
    OnConnection({{answer, "\r\n\r\n", close}});
    get_.emplace(method, "/a?b=c");
    Forward(*get_);
    return get_->downstream().body();
  }
  kit::FakeDownstream& caller() { return get_->downstream(); }

  std::optional<kit::TestExchange> get_;
};

}  // namespace tollgate::forward
