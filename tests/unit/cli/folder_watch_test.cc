#include "cli/folder_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "tests/kit/temp_folder.h"

namespace tollgate::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// What a call of Watch writes to the log.
std::string Said(FolderWatch& watch, const std::vector<std::string>& folders) {
  testing::internal::CaptureStderr();
  watch.Watch(folders);
  return testing::internal::GetCapturedStderr();
}

TEST(FolderWatch, AFolderThatCannotBeWatchedIsToldOnceAndTheOthersAreWatched) {
  const kit::TempFolder folder;
  const std::string too_long = "/" + std::string(300, 'x');
  auto watch = FolderWatch::Open();
  ASSERT_TRUE(watch.ok());
  EXPECT_THAT(Said(**watch, {too_long, folder.path()}),
              AllOf(HasSubstr(too_long + ": cannot be watched, so edits in it are not noticed"),
                    HasSubstr("\"level\":\"error\"")));
  EXPECT_EQ(Said(**watch, {too_long, folder.path()}), "");
  const int never = eventfd(0, EFD_CLOEXEC);
  folder.Write("a.yaml", "");
  EXPECT_TRUE((*watch)->AwaitChange(never, std::chrono::milliseconds(1)));
  close(never);
}

TEST(FolderWatch, TheLimitOnWatchesIsNamed) {
  EXPECT_THAT(WhyUnwatched("/manifests", ENOSPC), AllOf(HasSubstr("/manifests: cannot be watched"),
                                                        HasSubstr("raise fs.inotify.max_user_watches")));
}

}  // namespace
}  // namespace tollgate::cli
