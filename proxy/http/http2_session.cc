#include "proxy/http/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <vector>

#include "api/base/check.h"
#include "proxy/http/http2_frame_guard.h"
#include "proxy/http/message_reader.h"
#include "proxy/http/nghttp2_output.h"

namespace tollgate::http {
namespace {

// What a frame of these kinds costs its sender's budget. A request that is cancelled before it was answered
// has had its whole way through the gateway.
constexpr int kResetCost = 5;
constexpr int kIdleFrameCost = 1;
// What a frame of a body earns; clients answer one with two window updates or more, and those of gRPC with a
// ping. Crumbs earn nothing, or a window of one byte would pay for itself; but a short message does that is
// whole.
constexpr int kBodyFrameWorth = 4;
constexpr size_t kCrumbBytes = 512;

std::array<char, 3> StatusDigits(int status) {
  return {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
          static_cast<char>('0' + status % 10)};
}

bool IsRequest(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

bool IsTrailers(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_HEADERS;
}

struct FreeSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

// A request whose answer has gone out whole, and which has not ended.
struct Unwanted {
  StreamId stream;
  int seconds;
};

}  // namespace

struct Http2Session::State {
  explicit State(Http2Observer& o) : observer(o) {}

  Http2Observer& observer;
  std::unique_ptr<nghttp2_session, FreeSession> session;
  Http2FrameGuard guard;
  FrameBudget budget{SteadyNow()};
  SteadyTime now;
  std::unique_ptr<Http2Request> incoming;  // whose head is being read
  StreamId incoming_id = 0;
  std::unique_ptr<Trailers> trailers;  // those that are being read
  Http2Output output;
  std::string names;  // of the answer that is being made, in lower case
  std::vector<nghttp2_nv> fields;
  std::vector<Unwanted> unwanted;
  bool ending = false;

  void Spend(int frames) {
    if (budget.Spend(frames, now)) return;
    nghttp2_session_terminate_session(session.get(), NGHTTP2_ENHANCE_YOUR_CALM);
  }
  // Fills `fields` for an answer; they slice what is given and `names`.
  void SetFields(std::string_view status, const Fields& of) {
    names.clear();
    for (const Field& field : of) AppendLowerCase(field.name, names);
    fields.clear();
    fields.push_back(Pair(":status", status));
    std::string_view left_names = names;
    for (const Field& field : of) {
      fields.push_back(Pair(left_names.substr(0, field.name.size()), field.value));
      left_names.remove_prefix(field.name.size());
    }
  }
};

struct Http2Session::Callbacks {
  using Bodies = BodyCallbacks<State>;
  static State& Of(void* user) { return *static_cast<State*>(user); }

  // A head that did not come to its end as a request: nghttp2 resets it.
  static void ReportMalformed(State& state) {
    if (!state.incoming) return;
    state.Spend(kResetCost);
    state.incoming->FinishMalformed();
    state.observer.OnRequest(state.incoming_id, std::move(state.incoming));
  }

  static int BeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = Of(user);
    if (IsTrailers(*frame)) state.trailers = std::make_unique<Trailers>();
    if (!IsRequest(*frame)) return 0;
    ReportMalformed(state);
    state.incoming = std::make_unique<Http2Request>();
    state.incoming_id = frame->hd.stream_id;
    return 0;
  }

  static int Header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                    const uint8_t* value, size_t value_size, uint8_t, void* user) {
    State& state = Of(user);
    if (IsRequest(*frame) && state.incoming_id == frame->hd.stream_id && state.incoming) {
      state.incoming->Add(Text(name, name_size), Text(value, value_size));
    }
    if (!IsTrailers(*frame) || !state.trailers) return 0;
    const bool fits = state.trailers->Add(Text(name, name_size), Text(value, value_size));
    return fits ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  // nghttp2 would leave such a field out; a request that has one is malformed (section 8.1.1).
  static int InvalidHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*,
                           size_t, uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int FrameReceived(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = Of(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (IsRequest(*frame) && state.incoming) {
          state.incoming->Finish(EndsStream(*frame));
          state.observer.OnRequest(frame->hd.stream_id, std::move(state.incoming));
        }
        if (IsTrailers(*frame) && state.trailers) {
          state.observer.OnTrailers(frame->hd.stream_id, std::move(state.trailers));
        }
        break;
      case NGHTTP2_DATA:
        if (frame->data.hd.length == 0 && !EndsStream(*frame)) state.Spend(kIdleFrameCost);
        break;
      case NGHTTP2_RST_STREAM: state.Spend(kResetCost); break;
      default: state.Spend(kIdleFrameCost); break;
    }
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (carries && EndsStream(*frame)) state.observer.OnBodyEnd(frame->hd.stream_id);
    return 0;
  }

  static int Data(nghttp2_session*, uint8_t, StreamId stream, const uint8_t* data, size_t size, void* user) {
    State& state = Of(user);
    if (size > kCrumbBytes) state.budget.Earn(kBodyFrameWorth);
    state.observer.OnBody(stream, Text(data, size));
    return 0;
  }

  static int FrameSent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    State& state = Of(user);
    if (frame->hd.type == NGHTTP2_RST_STREAM)
      state.guard.NoteReset(static_cast<uint32_t>(frame->hd.stream_id));
    if (frame->hd.type == NGHTTP2_HEADERS) state.budget.Earn(kResetCost);
    const bool carried = frame->hd.length > kCrumbBytes || state.output.whole;
    if (frame->hd.type == NGHTTP2_DATA && carried) state.budget.Earn(kBodyFrameWorth);
    const bool answered =
        (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && EndsStream(*frame);
    if (answered && nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0) {
      state.unwanted.push_back({frame->hd.stream_id, 0});
    }
    return 0;
  }

  static int StreamClosed(nghttp2_session*, StreamId stream, uint32_t, void* user) {
    State& state = Of(user);
    if (state.incoming_id == stream) ReportMalformed(state);
    std::erase_if(state.unwanted, [stream](const Unwanted& one) { return one.stream == stream; });
    state.observer.OnClosed(stream);
    return 0;
  }

  static nghttp2_session_callbacks* Make() {
    nghttp2_session_callbacks* callbacks = nullptr;
    TOLLGATE_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, BeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, InvalidHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, FrameReceived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, FrameSent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, StreamClosed);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, Bodies::Send);
    return callbacks;
  }

  static nghttp2_option* MakeOptions() {
    nghttp2_option* options = nullptr;
    TOLLGATE_CHECK(nghttp2_option_new(&options) == 0);
    // Room is given back as bodies are read, not as they arrive.
    nghttp2_option_set_no_auto_window_update(options, 1);
    // Closed streams are of no use to us: there is no tree of priorities (RFC 9113, section 5.3).
    nghttp2_option_set_no_closed_streams(options, 1);
    return options;
  }
};

Http2Session::Http2Session(Http2Observer& observer, const Http2Limits& limits)
    : state_(std::make_unique<State>(observer)) {
  static nghttp2_session_callbacks* const callbacks = Callbacks::Make();
  static nghttp2_option* const options = Callbacks::MakeOptions();
  nghttp2_session* session = nullptr;
  TOLLGATE_CHECK(nghttp2_session_server_new2(&session, callbacks, state_.get(), options) == 0);
  state_->session.reset(session);
  const std::array<nghttp2_settings_entry, 4> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeadBytes},
       {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}}};  // WebSockets (RFC 8441)
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<int32_t>(limits.connection_window));
}

Http2Session::~Http2Session() = default;

bool Http2Session::Receive(std::string_view bytes, SteadyTime now) {
  using Verdict = Http2FrameGuard::Verdict;
  nghttp2_session* const session = state_->session.get();
  state_->now = now;
  const Http2FrameGuard::Checked checked = state_->guard.Check(bytes);
  const ssize_t read =
      nghttp2_session_mem_recv(session, reinterpret_cast<const uint8_t*>(bytes.data()), checked.sound);
  if (read != static_cast<ssize_t>(checked.sound)) return false;
  if (checked.verdict == Verdict::kSound) return true;
  nghttp2_session_terminate_session(
      session, checked.verdict == Verdict::kStreamClosed ? NGHTTP2_STREAM_CLOSED : NGHTTP2_PROTOCOL_ERROR);
  return false;
}

size_t Http2Session::Take(std::span<char> into) { return state_->output.Take(state_->session.get(), into); }

bool Http2Session::wants_write() const {
  return state_->output.has_rest() || nghttp2_session_want_write(state_->session.get()) != 0;
}

bool Http2Session::finished() const { return nghttp2_session_want_read(state_->session.get()) == 0; }

void Http2Session::SendInterim(StreamId stream, int status, const Fields& fields) {
  const auto digits = StatusDigits(status);
  state_->SetFields({digits.data(), digits.size()}, fields);
  nghttp2_submit_headers(state_->session.get(), NGHTTP2_FLAG_NONE, stream, nullptr, state_->fields.data(),
                         state_->fields.size(), nullptr);
}

void Http2Session::SendHead(StreamId stream, const Http2Head& head, bool has_body) {
  State& state = *state_;
  const auto digits = StatusDigits(head.status);
  state.SetFields({digits.data(), digits.size()}, head.fields);
  if (!head.content_length.empty()) state.fields.push_back(Pair("content-length", head.content_length));
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::Bodies::Read;
  nghttp2_submit_response(state.session.get(), stream, state.fields.data(), state.fields.size(),
                          has_body ? &body : nullptr);
}

void Http2Session::Resume(StreamId stream) { nghttp2_session_resume_data(state_->session.get(), stream); }

bool Http2Session::HasRoom(StreamId stream) const {
  nghttp2_session* const session = state_->session.get();
  return nghttp2_session_get_remote_window_size(session) > 0 &&
         nghttp2_session_get_stream_remote_window_size(session, stream) > 0;
}

void Http2Session::Consume(StreamId stream, size_t bytes) {
  // Of a stream that is closed it gives back the connection's room alone.
  nghttp2_session_consume(state_->session.get(), stream, bytes);
}

void Http2Session::ConsumeUnread(size_t bytes) {
  nghttp2_session_consume_connection(state_->session.get(), bytes);
}

void Http2Session::Reset(StreamId stream, Http2Error error) {
  nghttp2_submit_rst_stream(state_->session.get(), NGHTTP2_FLAG_NONE, stream, static_cast<uint32_t>(error));
}

void Http2Session::EndUnwanted(const std::function<bool(StreamId)>& wanted) {
  for (Unwanted& one : state_->unwanted) {
    if (!wanted(one.stream) && ++one.seconds == 2) Reset(one.stream, Http2Error::kNone);
  }
}

void Http2Session::AnnounceEnd() { nghttp2_submit_shutdown_notice(state_->session.get()); }

void Http2Session::End(Http2Error error) {
  if (std::exchange(state_->ending, true)) return;
  nghttp2_session* const session = state_->session.get();
  nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session),
                        static_cast<uint32_t>(error), nullptr, 0);
}

}  // namespace tollgate::http
