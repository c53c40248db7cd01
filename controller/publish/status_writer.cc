#include "controller/publish/status_writer.h"

#include <algorithm>
#include <utility>

#include "api/base/log.h"

namespace tollgate::publish {
namespace {

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

// Not about the object: the server is in trouble, has enough of us, or no longer knows us (a token that is
// being renewed).
bool IsServersTrouble(int status) { return status >= 500 || status == 429 || status == 401; }

}  // namespace

StatusWriter::StatusWriter(StatusClient& client, const WallClock& clock, StatusWriterOptions options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      book_(options_.installation, options_.patience),
      pause_(options_.first_pause, options_.longest_pause),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

StatusWriter::~StatusWriter() = default;

void StatusWriter::Update(StatusInput input) {
  {
    const std::scoped_lock lock(mutex_);
    input_ = std::move(input);
  }
  wake_.notify_all();
}

ConditionCounts StatusWriter::Counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void StatusWriter::Run(const std::stop_token& stop) {
  while (Await(stop)) {
    TakeInput();
    if (SteadyNow() < not_before_) continue;
    const auto errand = book_.Next(SteadyNow(), clock_.Now());
    if (!errand) continue;
    Perform(*errand, stop);
    // What was waited for became true while nobody said anything new.
    if (book_.NextDue() > SteadyNow()) Count();
  }
}

bool StatusWriter::Await(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, stop, std::max(book_.NextDue(), not_before_), [this] { return input_.has_value(); });
  return !stop.stop_requested();
}

void StatusWriter::TakeInput() {
  std::unique_lock lock(mutex_);
  const std::optional<StatusInput> input = std::exchange(input_, std::nullopt);
  lock.unlock();
  if (!input) return;
  book_.Accept(*input, SteadyNow());
  Count();
}

void StatusWriter::Count() {
  ConditionCounts counts = book_.Counts(SteadyNow());
  const std::scoped_lock lock(mutex_);
  counts_ = std::move(counts);
}

void StatusWriter::Perform(const StatusErrand& errand, const std::stop_token& stop) {
  const SteadyTime began = SteadyNow();
  const Result<kube::Answer> answer =
      errand.status ? client_.ApplyStatus(errand.object, ApplyDocument(errand.object, *errand.status), stop)
                    : client_.Read(errand.object, stop);
  if (stop.stop_requested()) return;
  if (errand.status) not_before_ = began + std::chrono::microseconds(1'000'000 / options_.writes_per_second);
  if (!answer) return Stall(errand, answer.error().message);
  if (IsServersTrouble(answer->status)) {
    return Stall(errand,
                 "the API server answered " + std::to_string(answer->status) + ": " + answer->Explanation());
  }
  Recovered();
  Understand(errand, *answer);
}

void StatusWriter::Understand(const StatusErrand& errand, const kube::Answer& answer) {
  if (answer.status == kNotFound) return book_.Gone(errand.object);
  // Somebody else wrote at the same moment: the next try sees what.
  if (answer.status == kConflict) return book_.Postpone(errand.object, SteadyNow());
  if (!answer.ok()) return Refused(errand, answer.status, answer.Explanation());
  if (errand.status) {
    refusals_.erase(errand.object.name.space);
    return book_.Written(errand.object, *errand.status, SteadyNow());
  }
  Result<ObjectStatus> found = ReadStatus(answer.body);
  if (!found) return Refused(errand, answer.status, found.error().message);
  book_.Found(errand.object, std::move(*found), SteadyNow());
}

void StatusWriter::Refused(const StatusErrand& errand, int status, const std::string& explanation) {
  book_.Postpone(errand.object, SteadyNow());
  // A namespace where a right is missing would otherwise fill the log with one line an object.
  if (!refusals_.insert(errand.object.name.space).second) return;
  const std::string remedy =
      status == kForbidden ? ": bind a role to the controller's account there that lets it get gatewayroutes "
                             "and apiplans and patch their status"
                           : "";
  log::Warning("a status cannot be written; it is tried again" + remedy,
               {{"kind", errand.object.kind},
                {"object", errand.object.name.ToString()},
                {"code", std::to_string(status)},
                {"reason", explanation}});
}

void StatusWriter::Stall(const StatusErrand& errand, const std::string& sentence) {
  book_.Return(errand.object, SteadyNow());
  not_before_ = SteadyNow() + pause_.Next();
  if (std::exchange(stalled_, true)) return;
  log::Warning("statuses wait until the API server takes them; proxies are not concerned",
               {{"reason", sentence}});
}

void StatusWriter::Recovered() {
  pause_.Reset();
  if (std::exchange(stalled_, false)) log::Info("statuses are written again");
}

}  // namespace tollgate::publish
