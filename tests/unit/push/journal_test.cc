// What a proxy finds on its disk after a restart is what it served, or nothing.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <random>

#include "api/base/clock.h"
#include "proxy/snapshot/journal_format.h"
#include "proxy/snapshot/journal_writer.h"
#include "tests/kit/temp_folder.h"
#include "tests/unit/push/snapshots.h"

namespace tollgate::push {
namespace {

using snapshot::Journal;

constexpr char kFile[] = "snapshot.journal";
constexpr size_t kHeaderBytes = 8 + 4 + 8 + 32;

class JournalTest : public ::testing::Test {
 protected:
  Journal Open() const { return OpenAt(folder_.path()); }
  static Journal OpenAt(const std::string& path) {
    auto journal = Journal::Open(path);
    EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().message);
    return *std::move(journal);
  }

  // A restart over these bytes: refused with this in the sentence, set aside, and gone for the next restart.
  void ExpectRefused(const std::string& bytes, const std::string& reason) {
    folder_.Write(kFile, bytes);
    const auto loaded = Open().Load();
    ASSERT_FALSE(loaded.ok()) << "damaged bytes were taken for a snapshot";
    const std::string path = folder_ / kFile;
    EXPECT_EQ(loaded.error().message.find("the state file \"" + path + "\" is not served: "), 0U);
    EXPECT_NE(loaded.error().message.find(reason), std::string::npos) << loaded.error().message;
    EXPECT_NE(loaded.error().message.find("; it is kept as \"" + path +
                                          ".corrupt\", and a controller brings a new one"),
              std::string::npos)
        << loaded.error().message;
    EXPECT_EQ(folder_.Read(std::string(kFile) + ".corrupt"), bytes);
    const auto again = Open().Load();
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(again->has_value());
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  const kit::TempFolder folder_;
};

TEST_F(JournalTest, NothingWasWritten) {
  const auto loaded = Open().Load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_FALSE(loaded->has_value());
}

TEST_F(JournalTest, WhatWasWrittenIsRead) {
  const auto first = MakeSnapshot(1);
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(Open().Write(*first).ok());
  ASSERT_TRUE(Open().Write(*second).ok());
  const auto loaded = Open().Load();
  ASSERT_TRUE(loaded.ok() && loaded->has_value());
  EXPECT_EQ((*loaded)->SerializeAsString(), second->SerializeAsString());
  EXPECT_TRUE(api::VerifySnapshot(**loaded).ok());
}

TEST_F(JournalTest, OnlyTheOwnerMayRead) {
  ::umask(0);
  const Journal journal = OpenAt(folder_ / "state");
  ASSERT_TRUE(journal.Write(*MakeSnapshot(1)).ok());
  ::umask(022);
  EXPECT_EQ(ModeOf(folder_ / "state"), 0700U);
  EXPECT_EQ(ModeOf(journal.path()), 0600U);
}

TEST_F(JournalTest, FileLeftWithAnotherModeIsReplaced) {
  folder_.Write(std::string(kFile) + ".partial", "left over");
  ::chmod((folder_ / (std::string(kFile) + ".partial")).c_str(), 0644);
  folder_.Write(kFile, "old");
  ::chmod((folder_ / kFile).c_str(), 0644);
  ASSERT_TRUE(Open().Write(*MakeSnapshot(1)).ok());
  EXPECT_EQ(ModeOf(folder_ / kFile), 0600U);
}

TEST_F(JournalTest, EveryBitOfTheHeaderCounts) {
  const std::string good = snapshot::EncodeJournal(*MakeSnapshot(1));
  for (size_t at = 0; at < kHeaderBytes; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      EXPECT_FALSE(snapshot::DecodeJournal(damaged).ok()) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST_F(JournalTest, DamagedHeaderIsSetAside) {
  const std::string good = snapshot::EncodeJournal(*MakeSnapshot(1));
  for (size_t at = 0; at < kHeaderBytes; ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(~damaged[at]);
    ExpectRefused(damaged, "is not served");
  }
}

TEST_F(JournalTest, DamagedBodyIsSetAside) {
  const std::string good = snapshot::EncodeJournal(*MakeSnapshot(1, {.resources = 50, .bytes_each = 200}));
  std::mt19937 random(20);
  for (int i = 0; i < 500; ++i) {
    std::string damaged = good;
    const size_t at = kHeaderBytes + random() % (good.size() - kHeaderBytes);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random() % 255));
    ExpectRefused(damaged, "does not match its checksum");
  }
}

TEST_F(JournalTest, TruncatedAnywhereIsSetAside) {
  const std::string good = snapshot::EncodeJournal(*MakeSnapshot(1));
  for (size_t size = 0; size < good.size(); ++size) ExpectRefused(good.substr(0, size), "it is truncated");
}

TEST_F(JournalTest, BytesBehindTheEndAreSetAside) {
  ExpectRefused(snapshot::EncodeJournal(*MakeSnapshot(1)) + "x", "longer than it says");
}

TEST_F(JournalTest, NewerFormatIsNamed) {
  std::string newer = snapshot::EncodeJournal(*MakeSnapshot(1));
  newer[8] = 2;
  ExpectRefused(newer, "it has format 2, this release reads 1");
}

TEST_F(JournalTest, CrashBeforeTheRenameLeavesTheOneBefore) {
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(Open().Write(*first).ok());
  // What a crash leaves: the new file half or whole under its other name.
  const std::string next = snapshot::EncodeJournal(*MakeSnapshot(2));
  for (const size_t size : {size_t{0}, next.size() / 2, next.size()}) {
    folder_.Write(std::string(kFile) + ".partial", next.substr(0, size));
    const auto loaded = Open().Load();
    ASSERT_TRUE(loaded.ok() && loaded->has_value());
    EXPECT_EQ((*loaded)->version(), first->version());
  }
  const auto third = MakeSnapshot(3);
  ASSERT_TRUE(Open().Write(*third).ok());
  EXPECT_EQ((**Open().Load()).version(), third->version());
}

TEST_F(JournalTest, FolderInItsPlaceIsNotRead) {
  std::filesystem::create_directory(folder_ / kFile);
  EXPECT_FALSE(Open().Load().ok());
}

TEST_F(JournalTest, LinkInItsPlaceIsNotFollowed) {
  folder_.Write("elsewhere", snapshot::EncodeJournal(*MakeSnapshot(1)));
  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / kFile);
  EXPECT_FALSE(Open().Load().ok());
}

// A process that has all rights reads a file of any mode; one without descriptors reads none.
TEST_F(JournalTest, WhatCannotBeReadIsLeftAsItIs) {
  const Journal journal = Open();
  ASSERT_TRUE(journal.Write(*MakeSnapshot(1)).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto loaded = journal.Load();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("Too many open files; it is left as it is"), std::string::npos);
  EXPECT_EQ((**journal.Load()).version(), MakeSnapshot(1)->version());
}

TEST_F(JournalTest, PipeInItsPlaceIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / kFile).c_str(), 0600), 0);
  EXPECT_FALSE(Open().Load().ok());
}

TEST_F(JournalTest, WhatCannotBeSetAsideIsNotServedEither) {
  std::filesystem::create_directories(folder_ / (std::string(kFile) + ".corrupt/occupied"));
  folder_.Write(kFile, "damaged");
  const auto loaded = Open().Load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("remove it"), std::string::npos);
}

TEST_F(JournalTest, FolderThatCannotBeUsedIsSaid) {
  const auto missing = Journal::Open(folder_ / "no/such/parent");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("--state-dir"), std::string::npos);
  folder_.Write("file", "");
  const auto no_folder = Journal::Open(folder_ / "file");
  EXPECT_FALSE(no_folder.ok());
}

TEST_F(JournalTest, DiskThatFailsLeavesTheOneBefore) {
  const auto first = MakeSnapshot(1);
  const Journal journal = Open();
  ASSERT_TRUE(journal.Write(*first).ok());
  // Nothing can be written where the other name is a folder with something in it.
  std::filesystem::create_directories(folder_ / (std::string(kFile) + ".partial/occupied"));
  const Status<> written = journal.Write(*MakeSnapshot(2));
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("cannot write the state file"), std::string::npos);
  EXPECT_EQ((**journal.Load()).version(), first->version());
}

TEST_F(JournalTest, WriterKeepsTheNewestBeforeItEnds) {
  std::string last;
  {
    snapshot::JournalWriter writer(Open());
    for (uint64_t i = 0; i < 100; ++i) {
      const auto next = MakeSnapshot(i);
      last = next->version();
      writer.Keep(next);
    }
  }
  EXPECT_EQ((**Open().Load()).version(), last);
}

TEST_F(JournalTest, LargeSnapshotIsWrittenAndRead) {
  const auto large = MakeSnapshot(1, {.resources = 50'000, .bytes_each = 1'000});
  const SteadyTime begin = SteadyNow();
  ASSERT_TRUE(Open().Write(*large).ok());
  const SteadyTime written = SteadyNow();
  const auto loaded = Open().Load();
  const SteadyTime read = SteadyNow();
  ASSERT_TRUE(loaded.ok() && loaded->has_value());
  EXPECT_EQ((*loaded)->version(), large->version());
  const auto milliseconds = [](SteadyTime::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
  };
  std::printf("[ measured ] 52 MB: written and synced in %.0f ms, read and checked in %.0f ms\n",
              milliseconds(written - begin), milliseconds(read - written));
}

}  // namespace
}  // namespace tollgate::push
