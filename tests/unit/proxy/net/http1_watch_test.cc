// A caller that is watched while its request is served. The answer is held back, which leaves the connection
// as it is while an upstream is waited for.
#include <gmock/gmock.h>

#include "tests/unit/proxy/net/session_fixture.h"

namespace tollgate::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Http1Watch : public SessionFixture, public exchange::CallerWatcher {
 protected:
  static constexpr std::string_view kLast = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

  void ServeWatched(std::string_view request = kRequest) {
    Open();
    stream_->MakeRoom(0);
    stream_->Feed(request);
    session_->Watch(this);
  }
  void LookTwice() {
    session_->LookAtCaller();
    session_->LookAtCaller();
  }
  void LetAnswerGo() {
    session_->Watch(nullptr);
    stream_->MakeRoom(1'000'000);
  }

  void OnCallerDone() override { heard_ += "done "; }
  void OnCallerGone() override { heard_ += "gone "; }
  std::string heard_;
};

TEST_F(Http1Watch, BeginsOnlyWhereTheAnswerTakesItsTime) {
  ServeWatched();
  session_->LookAtCaller();
  EXPECT_FALSE(stream_->read_waits());
  session_->LookAtCaller();
  EXPECT_TRUE(stream_->read_waits());
  EXPECT_EQ(stream_->read_deadline(), SteadyTime::max());
}

TEST_F(Http1Watch, BeginsAnewWithEachWatcher) {
  ServeWatched();
  session_->LookAtCaller();
  session_->Watch(this);
  session_->LookAtCaller();
  EXPECT_FALSE(stream_->read_waits());
}

TEST_F(Http1Watch, NobodyIsLookedAtWhoIsNotWatched) {
  ServeWatched();
  session_->Watch(nullptr);
  LookTwice();
  EXPECT_FALSE(stream_->read_waits());
}

TEST_F(Http1Watch, IdleCallersAreNotLookedAt) {
  Open();
  LookTwice();
  EXPECT_TRUE(stream_->read_waits()) << "its own read";
  stream_->Feed(kRequest);
  EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
}

TEST_F(Http1Watch, OneWhoEndsItsSideIsStillAnswered) {
  ServeWatched();
  LookTwice();
  stream_->EndWith(io::IoStatus::kEof);
  EXPECT_EQ(heard_, "done ");
  EXPECT_EQ(session_->caller(), exchange::Caller::kThere);
  LetAnswerGo();
  EXPECT_THAT(Sent(), EndsWith("}\n"));
  EXPECT_TRUE(ended_) << "nothing more can come";
}

TEST_F(Http1Watch, EachWatcherHearsOfTheEndOnce) {
  ServeWatched();
  LookTwice();
  stream_->EndWith(io::IoStatus::kEof);
  LookTwice();
  EXPECT_EQ(heard_, "done ");
  session_->Watch(this);
  LookTwice();
  EXPECT_EQ(heard_, "done done ");
}

TEST_F(Http1Watch, OneWhoBreaksOffIsGone) {
  ServeWatched();
  LookTwice();
  stream_->EndWith(io::IoStatus::kFailed);
  EXPECT_EQ(heard_, "gone ");
  EXPECT_EQ(session_->caller(), exchange::Caller::kGone);
  LetAnswerGo();
  EXPECT_TRUE(ended_);
}

TEST_F(Http1Watch, ARequestThatComesMeanwhileIsServedNext) {
  ServeWatched();
  LookTwice();
  stream_->Feed(kRequest);
  EXPECT_EQ(heard_, "");
  LetAnswerGo();
  const std::string sent = Sent();
  EXPECT_NE(sent.find("HTTP/1.1 503"), sent.rfind("HTTP/1.1 503"));
}

TEST_F(Http1Watch, TheNextRequestIsAwaitedByTheSameRead) {
  ServeWatched();
  LookTwice();
  LetAnswerGo();
  EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
  EXPECT_LT(stream_->read_deadline(), SteadyTime::max()) << "it is the caller's turn again";
  stream_->Feed(kRequest);
  EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(heard_, "");
}

TEST_F(Http1Watch, TheLastAnswersLingerUsesIt) {
  ServeWatched(kLast);
  LookTwice();
  LetAnswerGo();
  EXPECT_THAT(Sent(), HasSubstr("Connection: close"));
  EXPECT_TRUE(stream_->write_shut());
  EXPECT_FALSE(ended_);
  stream_->EndWith(io::IoStatus::kEof);
  EXPECT_TRUE(ended_);
}

TEST_F(Http1Watch, NothingLingersForOneWhoHasEndedItsSide) {
  ServeWatched(kLast);
  LookTwice();
  stream_->EndWith(io::IoStatus::kEof);
  stream_->EndWith(io::IoStatus::kWouldBlock);  // the end is read once
  LetAnswerGo();
  EXPECT_TRUE(ended_);
}

}  // namespace
}  // namespace tollgate::net
