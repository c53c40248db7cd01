#include "proxy/forward/forwarder.h"

#include <algorithm>
#include <optional>

#include "proxy/forward/failures.h"
#include "proxy/forward/heads.h"
#include "proxy/http/chunk_head.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Exchange;
using exchange::Outcome;
using std::chrono::milliseconds;

namespace {

SteadyTime After(uint64_t timeout_ms) {
  return timeout_ms == 0 ? SteadyTime::max() : SteadyNow() + milliseconds(timeout_ms);
}

}  // namespace

// One try at one endpoint. Watches the caller while the answer's head is waited for.
struct Forwarder::Attempt final : exchange::CallerWatcher {
  Attempt(const api::Timeouts& limits, const api::Target& goal, milliseconds patience, SteadyTime start,
          SteadyTime end)
      : timeouts(limits), target(goal), done_caller(patience), began(start), total(end) {}

  // The end of a wait of so many milliseconds (0: none), within the whole exchange's own.
  SteadyTime Within(uint64_t timeout_ms) const { return std::min(After(timeout_ms), total); }

  // Everything has been sent: it is the upstream's turn.
  void AwaitHead() {
    head_deadline = Within(timeouts.first_byte_ms());
    stream->SetReadDeadline(head_deadline);
  }
  void OnCallerDone() override {
    caller_done = true;
    stream->SetReadDeadline(std::min(head_deadline, SteadyNow() + done_caller));
  }
  void OnCallerGone() override { stream->Close(); }
  // Whether a head that did not come in time was waited for less long than it may take.
  bool GaveUp() const { return caller_done && SteadyNow() < head_deadline; }

  const api::Timeouts& timeouts;
  const api::Target& target;
  const milliseconds done_caller;
  const SteadyTime began;  // of the first try
  const SteadyTime total;
  std::string_view path;
  Endpoint* endpoint = nullptr;
  std::unique_ptr<io::Stream> stream;
  bool reused = false;
  bool may_retry = false;  // the failure left the request as it was
  SteadyTime head_deadline;
  bool head_over = false;    // the wait for the head has ended
  bool caller_done = false;  // it has ended its side of the connection
  bool complete = false;     // the whole answer has been read
  std::optional<http::MessageReader> reader;
  http::ResponseHead head;
  http::Framing framing;
};

// The request's body on its way, beside the reading of the answer.
struct Forwarder::Upload {
  io::Event done;
  bool started = false;
  bool succeeded = true;
  std::optional<Error> fault = {};  // what the caller did wrong with it
};

namespace {

// Endpoints that are tried for one request when connecting fails: nothing has been sent then, so that a
// further try is always safe.
constexpr uint32_t kMaxAttempts = 3;

// RFC 9110, section 9.2.2.
bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" ||
         method == "DELETE" || method == "TRACE";
}

bool MaySendAgain(const Exchange& x) {
  return IsIdempotent(x.head.method) && !x.downstream.request_framing().has_body();
}

}  // namespace

uint64_t Forwarder::Random() {
  // xorshift64* (Vigna, 2016): which endpoint is chosen is no secret.
  random_state_ ^= random_state_ >> 12;
  random_state_ ^= random_state_ << 25;
  random_state_ ^= random_state_ >> 27;
  return random_state_ * 0x2545F4914F6CDD1DULL;
}

io::Task<Outcome<Done>> Forwarder::Forward(Exchange& x, const ForwardTables& tables,
                                           AnswerObserver& observer) {
  const snapshot::RuleEntry& rule = *x.routed->rule;
  const int chosen = UpstreamTable::ChooseTarget(rule, Random());
  if (chosen < 0) co_return NoneReady({});
  const api::Target& target = rule.spec->targets(chosen);
  x.upstream = target.upstream();
  const SteadyTime began = SteadyNow();
  const SteadyTime total = After(rule.spec->timeouts().total_ms());
  std::vector<Endpoint*> tried;
  std::optional<Error> failure;
  bool replayed = false;
  while (x.attempts < kMaxAttempts) {
    Attempt attempt(rule.spec->timeouts(), target, done_caller_, began, total);
    attempt.path = tables.rewrites.Apply(target.rewrite_path(), x.routed->path, x.target.path, x.arena);
    attempt.endpoint =
        tables.upstreams.ChooseEndpoint(rule.upstreams[static_cast<size_t>(chosen)], Random(), tried);
    if (attempt.endpoint == nullptr) break;
    ++x.attempts;
    x.endpoint = attempt.endpoint->name;
    const ActiveRequest active(*attempt.endpoint);
    Outcome<Done> outcome = co_await Try(x, attempt, observer);
    if (outcome.ok()) co_return Done{};
    failure = outcome.error();
    if (!attempt.may_retry) break;
    // It may be what ended this try; and a request that nobody waits for any more must not reach another one.
    if (SteadyNow() >= total) co_return TimeIsOver();
    // A stale connection says nothing against its endpoint; the second time it does.
    if (!attempt.reused || std::exchange(replayed, true)) tried.push_back(attempt.endpoint);
  }
  if (failure) co_return *failure;
  co_return NoneReady(target.upstream());
}

io::Task<Outcome<Done>> Forwarder::Try(Exchange& x, Attempt& attempt, AnswerObserver& observer) {
  Outcome<Done> opened = co_await Open(attempt);
  if (!opened.ok()) {
    x.upstream_time = SteadyNow() - attempt.began;
    co_return opened;
  }
  Upload upload;
  co_await SendRequest(x, attempt, upload);
  if (!upload.started) x.downstream.Watch(&attempt);
  // An upstream may answer without reading all of the request: its answer counts, not our failed write.
  Outcome<Done> answered = co_await ReadHead(x, attempt);
  attempt.head_over = true;
  x.downstream.Watch(nullptr);
  x.upstream_time = SteadyNow() - attempt.began;
  if (answered.ok()) answered = co_await Relay(x, attempt, observer);
  // What the caller did wrong, if that came first; ending the upload below makes a fault of its own.
  const std::optional<Error> callers_fault = upload.fault;
  if (upload.started && !upload.done.is_set()) {
    // Nobody needs the rest of the body: end both sides of the upload and wait for it.
    attempt.stream->Close();
    x.downstream.SetBodyIdle(milliseconds(0));
  }
  if (upload.started) co_await upload.done;
  Finish(attempt, upload);
  if (!answered.ok() && callers_fault) co_return *callers_fault;
  co_return answered;
}

io::Task<Outcome<Done>> Forwarder::Open(Attempt& attempt) {
  attempt.stream = pool_.Take(*attempt.endpoint);
  attempt.reused = attempt.stream != nullptr;
  if (!attempt.reused) {
    io::Connected connected =
        co_await io::Connect(loop_, attempt.endpoint->address, attempt.Within(attempt.timeouts.connect_ms()));
    attempt.stream = std::move(connected.stream);
    if (!attempt.stream) {
      attempt.may_retry = true;
      co_return NotConnected(connected.error);
    }
  }
  attempt.reader.emplace(*attempt.stream);
  co_return Done{};
}

io::Task<void> Forwarder::SendRequest(Exchange& x, Attempt& attempt, Upload& upload) {
  const http::Framing& framing = x.downstream.request_framing();
  std::string head;
  head.reserve(2048);
  WriteRequestHead(x, {attempt.path, attempt.endpoint->name, attempt.target.rewrite_host()}, framing, head);
  attempt.stream->SetWriteDeadline(attempt.Within(attempt.timeouts.idle_ms()));
  attempt.AwaitHead();
  io::Stream::WriteAwaiter write = attempt.stream->Write(head);
  const io::IoResult written = co_await write;
  if (!written.ok()) {
    upload.succeeded = false;
    co_return;
  }
  if (framing.has_body()) {
    upload.started = true;
    attempt.stream->SetReadDeadline(attempt.total);
    // 0 is no limit of the rule's: the caller's side keeps its own.
    const milliseconds idle(attempt.timeouts.idle_ms());
    if (idle.count() > 0) x.downstream.SetBodyIdle(idle);
    io::Detach(SendBody(x, attempt, upload));
  }
}

io::Task<void> Forwarder::SendBody(Exchange& x, Attempt& attempt, Upload& upload) {
  const bool chunked = x.downstream.request_framing().kind == http::Framing::Kind::kChunked;
  upload.succeeded = false;
  while (true) {
    const http::BodyPiece piece = co_await x.downstream.ReadBody();
    if (piece.status == http::BodyPiece::Status::kEnd) {
      upload.succeeded = true;
      if (chunked) {
        io::Stream::WriteAwaiter last = attempt.stream->Write(http::kLastChunk);
        upload.succeeded = (co_await last).ok();
      }
      break;
    }
    // The caller gave up or broke the framing: the upstream must not take what it got for a whole request.
    if (piece.status != http::BodyPiece::Status::kData) {
      upload.fault = BodyError(piece);
      attempt.stream->Close();
      break;
    }
    attempt.stream->SetWriteDeadline(attempt.Within(attempt.timeouts.idle_ms()));
    const http::ChunkHead chunk(chunked ? piece.data.size() : 0);
    io::Stream::WriteAwaiter write = chunked
                                         ? attempt.stream->Write(chunk.text(), piece.data, http::kChunkEnd)
                                         : attempt.stream->Write(piece.data);
    const io::IoResult written = co_await write;
    if (!written.ok()) break;
  }
  // From here on the upstream is the one that is waited for, unless it has answered already.
  if (!attempt.head_over) attempt.AwaitHead();
  if (!attempt.head_over && upload.succeeded) x.downstream.Watch(&attempt);
  upload.done.Set();
}

io::Task<Outcome<Done>> Forwarder::ReadHead(Exchange& x, Attempt& attempt) {
  while (true) {
    const http::HeadRead read = co_await attempt.reader->ReadHead(false);
    if (read.status != http::HeadRead::Status::kDone) {
      const bool nothing_came = !attempt.reader->message_begun();
      const bool late = read.status == http::HeadRead::Status::kTimeout;
      if (late && attempt.GaveUp()) x.downstream.Abort();
      attempt.may_retry = attempt.reused && nothing_came && MaySendAgain(x) && !late &&
                          x.downstream.caller() == exchange::Caller::kThere;
      co_return HeadError(read);
    }
    http::HeadResult parsed = http::ParseResponseHead(read.head, attempt.head);
    if (attempt.head.fields.size() > exchange::Answer::kMaxUpstreamFields) {
      parsed = {http::HeadStatus::kTooManyFields};
    }
    http::FramingResult framing{http::FramingStatus::kMalformed};
    if (parsed.status == http::HeadStatus::kDone) {
      framing = http::ResponseFraming(attempt.head, x.head.method);
    }
    if (framing.status != http::FramingStatus::kDone || attempt.head.status == 101) {
      co_return HeadInvalid(parsed, framing);
    }
    attempt.framing = framing.framing;
    attempt.reader->BeginBody(framing.framing);
    if (attempt.head.status >= 200) co_return Done{};
    attempt.reader->FinishMessage();  // an interim answer; the final one follows
  }
}

io::Task<Outcome<Done>> Forwarder::Relay(Exchange& x, Attempt& attempt, AnswerObserver& observer) {
  exchange::Answer answer;
  MakeAnswer(attempt.head, attempt.framing, x.tells_limits(), answer);
  x.source = exchange::Source::kUpstream;
  x.status = answer.status;
  observer.OnHead(attempt.head, attempt.framing, answer);
  x.answered = SteadyNow();
  bool head_sent = false;
  http::BodyPiece piece = attempt.reader->TakeBufferedBody();
  while (true) {
    if (piece.status != http::BodyPiece::Status::kData && piece.status != http::BodyPiece::Status::kEnd) {
      if (!head_sent) co_return BodyInvalid();
      const exchange::Caller caller = x.downstream.caller();
      x.reason = caller == exchange::Caller::kThere ? "upstream-body-cut" : ReasonOf(caller);
      x.downstream.Abort();
      co_return Done{};
    }
    if (!piece.data.empty()) observer.OnBody(piece.data);
    attempt.complete = piece.status == http::BodyPiece::Status::kEnd || attempt.reader->body_done();
    if (attempt.complete) observer.OnEnd();
    // The head goes out at once even where no body has come yet: a stream's reader waits for it.
    bool delivered;
    if (!std::exchange(head_sent, true)) {
      delivered = co_await x.downstream.SendHead(answer, piece.data, attempt.complete);
    } else {
      delivered = co_await x.downstream.SendBody(piece.data, attempt.complete);
    }
    if (!delivered) x.reason = ReasonOf(x.downstream.caller());
    if (!delivered || attempt.complete) co_return Done{};
    attempt.stream->SetReadDeadline(attempt.Within(attempt.timeouts.idle_ms()));
    piece = co_await attempt.reader->ReadBody();
  }
}

void Forwarder::Finish(Attempt& attempt, const Upload& upload) {
  if (!attempt.complete || !upload.succeeded) return;
  const bool reusable = attempt.framing.kind != http::Framing::Kind::kUntilClose &&
                        http::KeepsAlive(attempt.head.minor_version, attempt.head.fields) &&
                        !attempt.reader->has_input();
  if (!reusable) return;
  attempt.reader.reset();
  attempt.stream->SetReadDeadline(SteadyTime::max());
  pool_.Give(*attempt.endpoint, std::move(attempt.stream));
}

}  // namespace tollgate::forward
