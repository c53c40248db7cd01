#include "proxy/io/task.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/kit/run_task.h"

namespace tollgate::io {
namespace {

// Counts how many of its kind live: what a frame holds is freed with the frame.
class Tracker {
 public:
  explicit Tracker(int& alive) : alive_(&alive) { ++*alive_; }
  Tracker(const Tracker& other) : alive_(other.alive_) { ++*alive_; }
  ~Tracker() { --*alive_; }

 private:
  int* alive_;
};

Task<int> Return(int value) { co_return value; }

Task<int> Add(int a, int b) {
  const int first = co_await Return(a);
  co_return first + co_await Return(b);
}

Task<std::unique_ptr<std::string>> MakeOwned() { co_return std::make_unique<std::string>("owned"); }

Task<void> Note(std::string what, std::vector<std::string>& notes) {
  notes.push_back(std::move(what));
  co_return;
}

Task<void> WaitThenNote(Event& event, std::string what, std::vector<std::string>& notes) {
  co_await event;
  notes.push_back(std::move(what));
}

Task<void> Hold(Tracker tracker, Event& event) {
  co_await event;
  (void)tracker;
}

TEST(Task, ValueReachesWhoAwaits) { EXPECT_EQ(kit::RunNow(Add(2, 3)), 5); }

TEST(Task, ValuesThatCanOnlyMoveAreHandedOn) { EXPECT_EQ(*kit::RunNow(MakeOwned()), "owned"); }

TEST(Task, BeginsWhenItIsAwaited) {
  std::vector<std::string> notes;
  Task<void> task = Note("ran", notes);
  EXPECT_TRUE(notes.empty());
  Detach(std::move(task));
  EXPECT_EQ(notes.size(), 1U);
}

TEST(Task, DetachedRunsUpToItsFirstWait) {
  std::vector<std::string> notes;
  Event event;
  Detach(WaitThenNote(event, "went on", notes));
  EXPECT_TRUE(notes.empty());
  event.Set();
  EXPECT_EQ(notes.size(), 1U);
}

TEST(Task, FrameIsFreedWhenATaskWasNeverAwaited) {
  int alive = 0;
  Event event;
  {
    const Task<void> task = Hold(Tracker(alive), event);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Task, FrameOfADetachedTaskIsFreedAtItsEnd) {
  int alive = 0;
  Event event;
  Detach(Hold(Tracker(alive), event));
  EXPECT_EQ(alive, 1);
  event.Set();
  EXPECT_EQ(alive, 0);
}

uintptr_t StackPointer() { return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)); }

struct Depths {
  uintptr_t top;
  uintptr_t most;
  void Note() { most = std::max(most, top - StackPointer()); }
};

Task<int> Descend(int levels, Depths& depths) {
  depths.Note();
  if (levels == 0) co_return 0;
  const int below = co_await Descend(levels - 1, depths);
  depths.Note();
  co_return below + 1;
}

Task<int> CountUp(int n, Depths& depths) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += co_await Return(1);
    depths.Note();
  }
  co_return sum;
}

// One task resumes the next by a jump, not by a call; only an optimizing compiler makes it so.
#ifdef __OPTIMIZE__
constexpr int kDepth = 100'000;
constexpr uintptr_t kStackBytes = 4096;
#else
constexpr int kDepth = 1'000;
constexpr uintptr_t kStackBytes = UINTPTR_MAX;
#endif

TEST(Task, DeepAwaitsNeedNoStack) {
  Depths depths{StackPointer(), 0};
  EXPECT_EQ(kit::RunNow(Descend(kDepth, depths)), kDepth);
  EXPECT_LT(depths.most, kStackBytes);
}

TEST(Task, ManyAwaitsInARowNeedNoStack) {
  Depths depths{StackPointer(), 0};
  EXPECT_EQ(kit::RunNow(CountUp(kDepth, depths)), kDepth);
  EXPECT_LT(depths.most, kStackBytes);
}

TEST(Frames, FreedFrameIsUsedAgain) {
  void* const first = AllocateFrame(1000);
  FreeFrame(first, 1000);
  void* const second = AllocateFrame(990);  // of the same class
  EXPECT_EQ(second, first);
  FreeFrame(second, 990);
}

TEST(Frames, EverySizeCanBeHad) {
  for (size_t size = 1; size <= 20'000; size += 37) {
    char* const frame = static_cast<char*>(AllocateFrame(size));
    std::fill_n(frame, size, 'x');
    FreeFrame(frame, size);
  }
}

TEST(Frames, BurstIsGivenBack) {
  std::vector<void*> frames;
  for (int i = 0; i < 1000; ++i) frames.push_back(AllocateFrame(128));
  for (void* frame : frames) FreeFrame(frame, 128);
}

TEST(Event, AwaitAfterSetGoesOnAtOnce) {
  std::vector<std::string> notes;
  Event event;
  event.Set();
  EXPECT_TRUE(event.is_set());
  Detach(WaitThenNote(event, "went on", notes));
  EXPECT_EQ(notes.size(), 1U);
}

TEST(Event, SettingTwiceResumesOnce) {
  std::vector<std::string> notes;
  Event event;
  Detach(WaitThenNote(event, "went on", notes));
  event.Set();
  event.Set();
  EXPECT_EQ(notes.size(), 1U);
}

Task<void> WaitThenDrop(std::unique_ptr<Event>& event) {
  Event& awaited = *event;
  co_await awaited;
  event.reset();
}

TEST(Event, WaiterMayDestroyIt) {
  auto event = std::make_unique<Event>();
  Detach(WaitThenDrop(event));
  event->Set();
  EXPECT_EQ(event, nullptr);
}

}  // namespace
}  // namespace tollgate::io
