// Listeners on their way from one process to the next: here both are this one.
#include "proxy/takeover/takeover.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>

#include "proxy/io/tcp.h"
#include "proxy/takeover/packet.h"
#include "tests/kit/eventually.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::takeover {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const io::Address kAnyPort = *io::Address::Parse("127.0.0.1:0");

io::Descriptor Listening() {
  io::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(socket.get(), kAnyPort.data(), kAnyPort.size()), 0);
  EXPECT_EQ(::listen(socket.get(), 16), 0);
  return socket;
}

class TakeoverTest : public ::testing::Test {
 protected:
  Takeover Begin() {
    auto takeover = Takeover::Begin(path_);
    EXPECT_TRUE(takeover.ok()) << takeover.error().message;
    return *std::move(takeover);
  }
  // A process that serves, with one listener of callers.
  void StartFirst() {
    first_.emplace(Begin());
    EXPECT_FALSE(first_->has_predecessor());
    Offer(*first_, listener_.get());
  }
  static void Offer(Takeover& takeover, int socket) {
    std::vector<Listener> listeners;
    listeners.push_back(Duplicate(kHttp, 0, socket));
    takeover.Offer(std::move(listeners));
  }
  std::string WhyNot() const {
    const auto takeover = Takeover::Begin(path_);
    return takeover ? "takes over" : takeover.error().message;
  }
  // What a process that speaks for itself hears.
  std::string Hear(const std::string& said) const {
    const auto connected = ConnectTo(path_);
    EXPECT_TRUE(SendPacket(connected->get(), said));
    const auto packet = ReceivePacket(connected->get());
    return packet ? packet->text : "nothing";
  }
  int port() const { return io::LocalAddress(listener_.get()).port(); }

  kit::TempFolder folder_;
  const std::string path_ = folder_ / "takeover";
  io::Descriptor listener_ = Listening();
  std::optional<Takeover> first_;
};

TEST_F(TakeoverTest, WithoutAPathNothingHappens) {
  auto takeover = Takeover::Begin("");
  ASSERT_TRUE(takeover.ok());
  takeover->SayReady();
  Offer(*takeover, listener_.get());
  EXPECT_FALSE(takeover->End());
}

TEST_F(TakeoverTest, WhoWaitsInAListenersQueueIsTakenOverWithIt) {
  StartFirst();
  kit::RawClient waiting(port());
  ASSERT_TRUE(waiting.connected());
  Takeover second = Begin();
  ASSERT_TRUE(second.has_predecessor());
  auto taken = second.inheritance().Take(kHttp, kAnyPort);
  ASSERT_EQ(taken.size(), 1U);
  second.SayReady();
  EXPECT_TRUE(kit::Eventually([this] { return first_->handed_over(); }));
  EXPECT_TRUE(first_->End());
  first_.reset();
  listener_.Close();
  const io::Descriptor accepted(::accept(taken[0].get(), nullptr, nullptr));
  ASSERT_TRUE(accepted.ok());
  EXPECT_TRUE(waiting.Send("still there"));
}

TEST_F(TakeoverTest, ASuccessorThatEndsBeforeItIsReadyChangesNothing) {
  StartFirst();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Begin().has_predecessor());
  EXPECT_FALSE(first_->handed_over());
  Takeover last = Begin();
  last.SayReady();
  EXPECT_TRUE(kit::Eventually([this] { return first_->handed_over(); }));
}

// Nobody would accept from it, and its callers would wait for ever.
TEST_F(TakeoverTest, WhatTheSuccessorDoesNotTakeIsClosed) {
  StartFirst();
  const int port = this->port();
  Takeover second = Begin();
  second.SayReady();
  EXPECT_TRUE(kit::Eventually([&] { return first_->handed_over(); }));
  listener_.Close();
  EXPECT_FALSE(kit::RawClient(port).connected());
}

TEST_F(TakeoverTest, ProgramsWakeWhenTheyAreTakenOverFrom) {
  StartFirst();
  const io::Descriptor signals(::dup(listener_.get()));  // of which none comes
  const int wake = first_->WakeOn(signals.get());
  pollfd look{wake, POLLIN, 0};
  EXPECT_EQ(::poll(&look, 1, 0), 0);
  Takeover second = Begin();
  second.SayReady();
  EXPECT_EQ(::poll(&look, 1, 60'000), 1);
  EXPECT_TRUE(first_->End());
}

TEST_F(TakeoverTest, OnesThatFollowOneAnotherTakeOverInTurn) {
  StartFirst();
  std::optional<Takeover> before = std::move(first_);
  for (int i = 0; i < 5; ++i) {
    std::optional<Takeover> next(Begin());
    const auto taken = next->inheritance().Take(kHttp, kAnyPort);
    ASSERT_EQ(taken.size(), 1U) << i;
    next->SayReady();
    Offer(*next, taken[0].get());
    EXPECT_TRUE(kit::Eventually([&] { return before->handed_over(); }));
    before = std::move(next);
  }
}

TEST_F(TakeoverTest, OnlyOneTakesOverAtATime) {
  StartFirst();
  Takeover second = Begin();
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("cannot take over from process " + std::to_string(::getpid())),
                              HasSubstr("takes over from it"), HasSubstr("start this one again")));
  second.SayReady();
  EXPECT_TRUE(kit::Eventually([this] { return first_->handed_over(); }));
}

TEST_F(TakeoverTest, NobodyTakesOverFromAProcessThatHasBegunToEnd) {
  StartFirst();
  EXPECT_FALSE(first_->End());
  EXPECT_THAT(WhyNot(), HasSubstr("it is about to end; stop it before this one starts"));
  EXPECT_FALSE(first_->handed_over());
}

TEST_F(TakeoverTest, ASuccessorThatStillPreparesLearnsThatItIsAlone) {
  StartFirst();
  Takeover second = Begin();
  EXPECT_FALSE(second.predecessor_gone());
  EXPECT_FALSE(first_->End());
  EXPECT_TRUE(second.predecessor_gone());
}

TEST_F(TakeoverTest, AnotherReleasesQuestionIsRefused) {
  StartFirst();
  EXPECT_THAT(Hear("takeover 2"), AllOf(HasSubstr("refused"), HasSubstr("it asks \"takeover 2\""),
                                        HasSubstr("it is of another release")));
  EXPECT_TRUE(Begin().has_predecessor());
}

TEST_F(TakeoverTest, AnotherUserIsRefusedOnBothSides) {
  std::atomic<bool> handed_over{false};
  auto place = SocketPath::Prepare(path_);
  ASSERT_TRUE(place->Open().ok());
  const Predecessor strangers(*std::move(place), {}, handed_over, ::geteuid() + 1);
  EXPECT_THAT(WhyNot(), HasSubstr("it is user " + std::to_string(::geteuid()) + "'s"));
  const auto asked = Successor::Ask(path_, ::geteuid() + 1);
  ASSERT_FALSE(asked.ok());
  EXPECT_THAT(asked.error().message, HasSubstr("start both as the same user"));
}

TEST(Inheritance, OnlyWhatFitsIsTaken) {
  const io::Descriptor socket = Listening();
  const io::Address bound = io::LocalAddress(socket.get());
  Inheritance inheritance;
  for (const auto role : {kHttp, kHttp, kMetrics}) inheritance.Add(Duplicate(role, 0, socket.get()));
  EXPECT_TRUE(inheritance.Take(kHttps, kAnyPort).empty());
  EXPECT_TRUE(inheritance.Take(kHttp, *io::Address::Parse(":0")).empty());
  EXPECT_TRUE(inheritance.Take(kHttp, *io::Address::Parse("127.0.0.1:1")).empty());
  EXPECT_EQ(inheritance.Take(kHttp, bound).size(), 2U);
  EXPECT_TRUE(inheritance.Take(kHttp, bound).empty());
  EXPECT_EQ(inheritance.size(), 1U);
}

TEST(ReadListener, WhatDoesNotListenIsNoListener) {
  const auto read = [](const std::string& text, io::Descriptor socket) {
    const auto listener = ReadListener(text, std::move(socket));
    return listener ? listener->role + " " + std::to_string(listener->index) : listener.error().message;
  };
  EXPECT_EQ(read("http 3 127.0.0.1:80", Listening()), "http 3");
  EXPECT_THAT(read("http 3 127.0.0.1:80", {}), HasSubstr("is no listener"));
  EXPECT_THAT(read("http 3 127.0.0.1:80", io::Descriptor(::socket(AF_INET, SOCK_STREAM, 0))),
              HasSubstr("is no listener"));
  EXPECT_THAT(read("http x 127.0.0.1:80", Listening()), HasSubstr("is no listener"));
  EXPECT_THAT(read("http", Listening()), HasSubstr("is no listener"));
}

}  // namespace
}  // namespace tollgate::takeover
