#include "controller/kube/watch.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "api/base/log.h"
#include "controller/kube/list_page.h"
#include "controller/kube/query.h"
#include "controller/kube/watch_event.h"

namespace tollgate::kube {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kGone = 410;

// An answer that ended sooner than this without a line was no watch that ran its time, nor one that a
// balancer in between cut for being idle.
constexpr std::chrono::seconds kShortLife{1};

std::chrono::seconds PickDuration(const WatchOptions& options) {
  const auto range = options.longest_watch - options.shortest_watch;
  return options.shortest_watch + std::chrono::duration_cast<std::chrono::seconds>(range * UniformRandom());
}

std::string WatchTarget(const Collection& collection, const std::string& version,
                        std::chrono::seconds duration) {
  Query query(collection.path);
  query.Add("watch", "true").Add("allowWatchBookmarks", "true").Add("resourceVersion", version);
  query.Add("timeoutSeconds", std::to_string(duration.count()));
  query.Add("labelSelector", collection.label_selector).Add("fieldSelector", collection.field_selector);
  return query.target();
}

}  // namespace

std::string_view ToString(WatchState state) {
  switch (state) {
    case WatchState::kListing: return "Listing";
    case WatchState::kSynced: return "Synced";
    case WatchState::kForbidden: return "Forbidden";
    case WatchState::kAbsent: return "Absent";
    case WatchState::kUnreachable: return "Unreachable";
  }
  return "";
}

Watch::Watch(const ApiClient& client, Collection collection, WatchObserver& observer, WatchOptions options)
    : client_(client),
      collection_(std::move(collection)),
      observer_(observer),
      options_(options),
      pauses_(options.first_delay, options.longest_delay),
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

Watch::~Watch() { Stop(); }

void Watch::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Watch::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto setback = resource_version_.empty() ? List(stop) : Follow(stop);
    if (!setback || stop.stop_requested()) continue;
    if (setback->state) Show(*setback->state, setback->sentence);
    Pause(*setback, stop);
  }
}

std::optional<Watch::Setback> Watch::List(const std::stop_token& stop) {
  // From a trouble the way leads to Synced: one that is tried again is still one.
  if (!state_ || state_ == WatchState::kSynced) {
    Show(WatchState::kListing, "Listing " + collection_.path + ".");
  }
  std::vector<std::string> objects;
  std::string version;
  if (auto setback = ReadPages(stop, objects, version)) return setback;
  whole_list_ = false;
  observer_.OnReplaced(std::move(objects));
  resource_version_ = version;
  return std::nullopt;
}

std::optional<Watch::Setback> Watch::ReadPages(const std::stop_token& stop, std::vector<std::string>& objects,
                                               std::string& version) {
  Page page{.limit = whole_list_ ? 0 : options_.page_limit, .continue_token = ""};
  do {
    const auto answer = client_.List(collection_, page, stop);
    if (!answer) return Setback{Trouble::kNoAnswer, WatchState::kUnreachable, answer.error().message};
    if (answer->status == kGone) {
      // etcd was compacted under our pages. A list that is too long for pages to keep up must come whole.
      whole_list_ = true;
      return Setback{Trouble::kLostPlace, std::nullopt, "a page of the list expired"};
    }
    if (!answer->ok()) return Refused(*answer);
    auto read = ReadListPage(answer->body, objects);
    if (!read) return Setback{Trouble::kRefused, WatchState::kUnreachable, read.error().message};
    version = read->resource_version;
    page.continue_token = read->continue_token;
  } while (!page.continue_token.empty());
  return std::nullopt;
}

std::optional<Watch::Setback> Watch::Follow(const std::stop_token& stop) {
  opened_ = false;
  fruitful_ = false;
  failed_.reset();
  const SteadyTime began = SteadyNow();
  const auto duration = PickDuration(options_);
  const auto answer = client_.Follow(WatchTarget(collection_, resource_version_, duration),
                                     duration + options_.silence_margin, *this, stop);
  if (stop.stop_requested()) return std::nullopt;
  auto setback = JudgeEnd(answer, began);
  if (setback) {
    log::Info("watch interrupted", {{"path", collection_.path}, {"reason", setback->sentence}});
  }
  return setback;
}

std::optional<Watch::Setback> Watch::JudgeEnd(const Result<Answer>& answer, SteadyTime began) {
  const bool healthy = fruitful_ || (opened_ && SteadyNow() - began > kShortLife);
  if (healthy) pauses_.Reset();
  if (failed_) {
    resource_version_.clear();
    return failed_;
  }
  if (!answer) {
    // One that broke off is taken up again; only when that fails is there a state to tell.
    const auto state = opened_ ? std::nullopt : std::optional(WatchState::kUnreachable);
    return Setback{Trouble::kNoAnswer, state, answer.error().message};
  }
  if (!answer->ok()) {
    // After these nobody knows what the watch has missed; any other refusal is about the moment, and a list
    // of everything is the last thing that an API server in trouble needs.
    const bool lost = answer->status == kGone || answer->status == kForbidden || answer->status == kNotFound;
    if (lost) resource_version_.clear();
    return Refused(*answer);
  }
  if (healthy) return std::nullopt;
  return Setback{Trouble::kRefused, std::nullopt, "the API server ended the watch at once"};
}

Watch::Setback Watch::Refused(const Answer& answer) {
  const std::string reason = answer.Explanation();
  switch (answer.status) {
    case kGone:
      return {Trouble::kLostPlace, std::nullopt,
              "the API server no longer knows where the watch was: " + reason};
    case kForbidden:
      return {Trouble::kRefused, WatchState::kForbidden,
              "Not allowed to list and watch " + collection_.path + ": " + reason +
                  "; grant the controller's account the verbs list and watch."};
    case kNotFound:
      return {Trouble::kRefused, WatchState::kAbsent,
              "The API server has no " + collection_.path +
                  "; install the CustomResourceDefinition if it is wanted."};
    case kUnauthorized:
      return {Trouble::kRefused, WatchState::kUnreachable,
              "The API server does not know who we are (401: " + reason +
                  "); check the token or client certificate."};
    default:
      return {Trouble::kRefused, WatchState::kUnreachable,
              "The API server answered " + std::to_string(answer.status) + " for " + collection_.path + ": " +
                  reason + "."};
  }
}

void Watch::Show(WatchState state, const std::string& sentence) {
  if (state_ == state && sentence_ == sentence) return;
  state_ = state;
  sentence_ = sentence;
  observer_.OnState(state, sentence);
}

void Watch::Pause(const Setback& setback, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, pauses_.After(setback.trouble), [] { return false; });
}

void Watch::OnOpen() {
  opened_ = true;
  observer_.OnOpened();
  Show(WatchState::kSynced, "Watching " + collection_.path + ".");
}

bool Watch::OnLine(std::string_view line) {
  const auto event = ReadWatchEvent(line);
  if (!event) {
    failed_ = Setback{Trouble::kLostPlace, std::nullopt, event.error().message};
    return false;
  }
  using Type = WatchEvent::Type;
  switch (event->type) {
    case Type::kAdded: observer_.OnEvent(ObjectChange::kAdded, event->object); break;
    case Type::kModified: observer_.OnEvent(ObjectChange::kModified, event->object); break;
    case Type::kDeleted: observer_.OnEvent(ObjectChange::kDeleted, event->object); break;
    case Type::kBookmark: observer_.OnBookmark(); break;
    case Type::kError: NoteError(event->object); return false;
  }
  fruitful_ = true;
  resource_version_ = event->resource_version;
  return true;
}

// Whatever it is, the way on is a new list: 410 says so, and of others nobody says where the watch stands.
void Watch::NoteError(std::string_view status_object) {
  const Answer refusal{kGone, std::string(status_object)};
  failed_ =
      Setback{Trouble::kLostPlace, std::nullopt, "the API server ended the watch: " + refusal.Explanation()};
}

}  // namespace tollgate::kube
