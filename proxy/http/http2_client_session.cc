#include "proxy/http/http2_client_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <vector>

#include "api/base/check.h"
#include "proxy/http/message_reader.h"
#include "proxy/http/nghttp2_output.h"

namespace tollgate::http {
namespace {

// What a frame of these kinds costs its sender's budget, and what pays for it: as on the side that serves,
// with the parts exchanged. A request pays for its reset.
constexpr int kResetCost = 5;
constexpr int kIdleFrameCost = 1;
constexpr int kBodyFrameWorth = 4;
constexpr size_t kCrumbBytes = 512;

struct FreeSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

Http2StreamEnd EndOf(uint32_t error) {
  if (error == NGHTTP2_NO_ERROR) return Http2StreamEnd::kDone;
  return error == NGHTTP2_REFUSED_STREAM ? Http2StreamEnd::kRefused : Http2StreamEnd::kReset;
}

}  // namespace

struct Http2ClientSession::State {
  explicit State(Http2ClientObserver& o) : observer(o) {}

  Http2ClientObserver& observer;
  std::unique_ptr<nghttp2_session, FreeSession> session;
  FrameBudget budget{SteadyNow()};
  SteadyTime now;
  Http2Output output;
  // The fields that are being read: those of a head, or of trailers.
  std::unique_ptr<Http2Answer> answer;
  std::unique_ptr<Trailers> trailers;
  size_t arrived = 0;  // of bodies, in this Receive()
  bool greeted = false;
  bool ending = false;
  std::vector<StreamId> malformed;
  std::vector<nghttp2_nv> fields;  // of the request that is being made

  void Spend(int frames) {
    if (budget.Spend(frames, now)) return;
    nghttp2_session_terminate_session(session.get(), NGHTTP2_ENHANCE_YOUR_CALM);
  }
};

struct Http2ClientSession::Callbacks {
  using Bodies = BodyCallbacks<State>;
  static State& Of(void* user) { return *static_cast<State*>(user); }

  static int BeginHeaders(nghttp2_session*, const nghttp2_frame*, void* user) {
    Of(user).answer.reset();
    Of(user).trailers.reset();
    return 0;
  }

  // A head begins with its status, also where an interim one came before; trailers have none.
  static int Header(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t name_size,
                    const uint8_t* value, size_t value_size, uint8_t, void* user) {
    State& state = Of(user);
    const std::string_view field = Text(name, name_size);
    const bool first = !state.answer && !state.trailers;
    if (first && field == ":status") state.answer = std::make_unique<Http2Answer>();
    if (first && field != ":status") state.trailers = std::make_unique<Trailers>();
    if (state.answer) {
      state.answer->Add(field, Text(value, value_size));
      return 0;
    }
    return state.trailers->Add(field, Text(value, value_size)) ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int InvalidHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t*, size_t,
                           const uint8_t*, size_t, uint8_t, void* user) {
    Of(user).malformed.push_back(frame->hd.stream_id);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int InvalidFrame(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    if (frame->hd.stream_id != 0) Of(user).malformed.push_back(frame->hd.stream_id);
    return 0;
  }

  static void TakeHeaders(State& state, const nghttp2_frame& frame) {
    if (state.trailers) state.observer.OnTrailers(frame.hd.stream_id, std::move(state.trailers));
    if (!state.answer) return;
    state.answer->Finish(EndsStream(frame));
    if (state.answer->interim()) {
      state.Spend(kIdleFrameCost);
      return state.observer.OnInterim(frame.hd.stream_id, std::move(state.answer));
    }
    state.observer.OnAnswer(frame.hd.stream_id, std::move(state.answer));
  }

  static int FrameReceived(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = Of(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS: TakeHeaders(state, *frame); break;
      case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !EndsStream(*frame)) state.Spend(kIdleFrameCost);
        break;
      case NGHTTP2_RST_STREAM: state.Spend(kResetCost); break;
      case NGHTTP2_SETTINGS:
        state.Spend(kIdleFrameCost);
        if (!std::exchange(state.greeted, true)) state.observer.OnSettings();
        break;
      default: state.Spend(kIdleFrameCost); break;
    }
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (carries && EndsStream(*frame)) state.observer.OnBodyEnd(frame->hd.stream_id);
    return 0;
  }

  static int Data(nghttp2_session*, uint8_t, StreamId stream, const uint8_t* data, size_t size, void* user) {
    State& state = Of(user);
    if (size > kCrumbBytes) state.budget.Earn(kBodyFrameWorth);
    state.arrived += size;
    state.observer.OnBody(stream, Text(data, size));
    return 0;
  }

  static int FrameSent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = Of(user);
    if (frame->hd.type == NGHTTP2_HEADERS) state.budget.Earn(kResetCost);
    const bool carried = frame->hd.length > kCrumbBytes || state.output.whole;
    if (frame->hd.type == NGHTTP2_DATA && carried) state.budget.Earn(kBodyFrameWorth);
    return 0;
  }

  static int StreamClosed(nghttp2_session*, StreamId stream, uint32_t error, void* user) {
    State& state = Of(user);
    const bool malformed = std::erase(state.malformed, stream) > 0;
    state.observer.OnClosed(stream, malformed ? Http2StreamEnd::kMalformed : EndOf(error));
    return 0;
  }

  static nghttp2_session_callbacks* Make() {
    nghttp2_session_callbacks* callbacks = nullptr;
    TOLLGATE_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, BeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, InvalidHeader);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, InvalidFrame);
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
    return options;
  }
};

Http2ClientSession::Http2ClientSession(Http2ClientObserver& observer)
    : state_(std::make_unique<State>(observer)) {
  static nghttp2_session_callbacks* const callbacks = Callbacks::Make();
  static nghttp2_option* const options = Callbacks::MakeOptions();
  nghttp2_session* session = nullptr;
  TOLLGATE_CHECK(nghttp2_session_client_new2(&session, callbacks, state_.get(), options) == 0);
  state_->session.reset(session);
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeadBytes}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2ClientSession::~Http2ClientSession() = default;

bool Http2ClientSession::Receive(std::string_view bytes, SteadyTime now) {
  State& state = *state_;
  nghttp2_session* const session = state.session.get();
  state.now = now;
  const ssize_t read =
      nghttp2_session_mem_recv(session, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (state.arrived > 0) nghttp2_session_consume_connection(session, std::exchange(state.arrived, 0));
  return read == static_cast<ssize_t>(bytes.size());
}

size_t Http2ClientSession::Take(std::span<char> into) {
  return state_->output.Take(state_->session.get(), into);
}

bool Http2ClientSession::wants_write() const {
  return state_->output.has_rest() || nghttp2_session_want_write(state_->session.get()) != 0;
}

bool Http2ClientSession::finished() const { return nghttp2_session_want_read(state_->session.get()) == 0; }

bool Http2ClientSession::accepts() const {
  return !state_->ending && nghttp2_session_check_request_allowed(state_->session.get()) != 0;
}

uint32_t Http2ClientSession::most_streams() const {
  return nghttp2_session_get_remote_settings(state_->session.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

StreamId Http2ClientSession::Submit(const Http2RequestHead& head, bool has_body) {
  State& state = *state_;
  state.fields.clear();
  head.ForEach(
      [&state](std::string_view name, std::string_view value) { state.fields.push_back(Pair(name, value)); });
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::Bodies::Read;
  const StreamId stream = nghttp2_submit_request(state.session.get(), nullptr, state.fields.data(),
                                                 state.fields.size(), has_body ? &body : nullptr, nullptr);
  return std::max(stream, 0);
}

void Http2ClientSession::Resume(StreamId stream) {
  nghttp2_session_resume_data(state_->session.get(), stream);
}

void Http2ClientSession::Consume(StreamId stream, size_t bytes) {
  nghttp2_session_consume_stream(state_->session.get(), stream, bytes);
}

void Http2ClientSession::Reset(StreamId stream, Http2Error error) {
  nghttp2_submit_rst_stream(state_->session.get(), NGHTTP2_FLAG_NONE, stream, static_cast<uint32_t>(error));
}

void Http2ClientSession::End() {
  if (std::exchange(state_->ending, true)) return;
  nghttp2_submit_goaway(state_->session.get(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
}

}  // namespace tollgate::http
