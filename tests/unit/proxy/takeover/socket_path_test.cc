// The place at which processes of a takeover meet, and what may stand there.
#include "proxy/takeover/socket_path.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

#include "tests/kit/temp_folder.h"

namespace tollgate::takeover {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SocketPathTest : public ::testing::Test {
 protected:
  SocketPath Open() {
    auto place = SocketPath::Prepare(path_);
    EXPECT_TRUE(place.ok()) << place.error().message;
    EXPECT_TRUE(place->Open().ok());
    return *std::move(place);
  }
  bool Exists() const { return std::filesystem::exists(path_); }
  size_t Files() const {
    const std::filesystem::directory_iterator files(folder_.path());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }
  std::string WhyNot(const std::string& path) const {
    const auto connected = ConnectTo(path);
    return connected ? "connected, or nobody there" : connected.error().message;
  }

  kit::TempFolder folder_;
  const std::string path_ = folder_ / "takeover";
};

TEST_F(SocketPathTest, NobodyIsThereBeforeTheFirst) {
  const auto connected = ConnectTo(path_);
  ASSERT_TRUE(connected.ok());
  EXPECT_FALSE(connected->ok());
}

TEST_F(SocketPathTest, OnlyItsUserMayConnect) {
  const SocketPath place = Open();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_TRUE(ConnectTo(path_)->ok());
}

TEST_F(SocketPathTest, IsGoneWithItsProcess) {
  { const SocketPath place = Open(); }
  EXPECT_EQ(Files(), 0U);
}

TEST_F(SocketPathTest, OneThatNeverOpenedLeavesNothing) {
  { EXPECT_TRUE(SocketPath::Prepare(path_).ok()); }
  EXPECT_EQ(Files(), 0U);
}

TEST_F(SocketPathTest, TheOneBeforeIsFoundUntilTheNextOpens) {
  const SocketPath first = Open();
  auto second = SocketPath::Prepare(path_);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(ConnectTo(path_)->ok());
  EXPECT_TRUE(second->Open().ok());
  EXPECT_TRUE(ConnectTo(path_)->ok());
}

TEST_F(SocketPathTest, TheEndOfTheOneBeforeLeavesTheNext) {
  auto first = std::make_unique<SocketPath>(Open());
  const SocketPath second = Open();
  first.reset();
  EXPECT_TRUE(ConnectTo(path_)->ok());
}

TEST_F(SocketPathTest, AFileThatAProcessLeftBehindIsReplaced) {
  const int dead = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  ASSERT_TRUE(Exists());
  const auto connected = ConnectTo(path_);
  ASSERT_TRUE(connected.ok()) << connected.error().message;
  EXPECT_FALSE(connected->ok());
  const SocketPath place = Open();
  EXPECT_TRUE(ConnectTo(path_)->ok());
}

TEST_F(SocketPathTest, AFileThatIsNoSocketIsLeftAlone) {
  folder_.Write("takeover", "notes");
  EXPECT_THAT(WhyNot(path_),
              AllOf(HasSubstr("the takeover socket \"" + path_ + "\""),
                    HasSubstr("something else than a socket"), HasSubstr("remove it or give another path")));
  EXPECT_EQ(folder_.Read("takeover"), "notes");
}

TEST_F(SocketPathTest, AnotherProgramsSocketIsLeftAlone) {
  const io::Descriptor other(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(other.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(other.get(), 1), 0);
  EXPECT_THAT(WhyNot(path_), AllOf(HasSubstr("is another program's"), HasSubstr("give another path")));
}

TEST_F(SocketPathTest, APathThatIsTooLongIsSaid) {
  EXPECT_THAT(WhyNot(folder_ / std::string(120, 'x')), HasSubstr("choose a shorter one"));
}

TEST_F(SocketPathTest, AFolderThatIsNotThereIsSaid) {
  const auto place = SocketPath::Prepare(folder_ / "nowhere/takeover");
  ASSERT_FALSE(place.ok());
  EXPECT_THAT(place.error().message,
              AllOf(HasSubstr("No such file"), HasSubstr("choose a folder that exists")));
}

}  // namespace
}  // namespace tollgate::takeover
