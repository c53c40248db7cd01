// A reader that is behind is waited for, but not for ever.
#include "proxy/observe/log_output.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/kit/eventually.h"

namespace tollgate::observe {
namespace {

class LogOutputTest : public ::testing::Test {
 protected:
  LogOutputTest() {
    EXPECT_EQ(::pipe(ends_), 0);  // its writes block
    output_.emplace(ends_[1]);
  }
  ~LogOutputTest() override { ::close(ends_[0]); }

  // Writes more than a pipe holds, beside the test.
  void Start() {
    writer_ = std::thread([this] {
      lost_ = output_->Write(text_).size();
      returned_ = true;
    });
    EXPECT_TRUE(kit::Eventually([this] {
      pollfd writable{ends_[1], POLLOUT, 0};
      return ::poll(&writable, 1, 0) == 0;
    }));
  }
  size_t ReadAll() {
    output_.reset();
    size_t all = 0;
    std::vector<char> buffer(64 * 1024);
    for (ssize_t n; (n = ::read(ends_[0], buffer.data(), buffer.size())) > 0;) all += static_cast<size_t>(n);
    return all;
  }
  void ReadWhatIsWritten() {
    std::vector<char> buffer(64 * 1024);
    for (size_t all = 0; all < text_.size();) {
      const ssize_t n = ::read(ends_[0], buffer.data(), buffer.size());
      ASSERT_GT(n, 0);
      all += static_cast<size_t>(n);
    }
  }

  const std::string text_ = std::string(1 << 20, 'x');
  int ends_[2] = {-1, -1};
  std::optional<LogOutput> output_;
  size_t lost_ = 0;
  std::atomic<bool> returned_{false};
  std::thread writer_;
};

TEST_F(LogOutputTest, AReaderThatIsBehindIsWaitedFor) {
  Start();
  EXPECT_FALSE(kit::Eventually([this] { return returned_.load(); }, std::chrono::milliseconds(200)));
  ReadWhatIsWritten();
  writer_.join();
  EXPECT_EQ(lost_, 0u);
}

TEST_F(LogOutputTest, HurryEndsTheWaitUnderWay) {
  Start();
  output_->Hurry(SteadyNow());
  writer_.join();
  EXPECT_GT(lost_, 0u);
  EXPECT_EQ(ReadAll() + lost_, text_.size());
}

TEST_F(LogOutputTest, AfterHurryWhatFitsIsStillWritten) {
  output_->Hurry(SteadyNow());
  const size_t lost = output_->Write(text_).size();
  EXPECT_GE(text_.size() - lost, 4096u);
  EXPECT_EQ(ReadAll() + lost, text_.size());
}

}  // namespace
}  // namespace tollgate::observe
