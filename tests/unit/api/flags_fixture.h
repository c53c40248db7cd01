// A program with one flag of each type, run as from a shell.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "api/base/flags.h"
#include "tests/kit/temp_folder.h"

namespace tollgate {

class FlagsFixture : public ::testing::Test {
 protected:
  FlagsFixture() : flags_("tollgate-test", "A program of flags") {
    flags_.Add("http-address", address_, "Where callers connect");
    flags_.Add("hosts", hosts_, "Names");
    flags_.Add("threads", threads_, "Serving threads");
    flags_.Add("verbose", verbose_, "Say more");
    flags_.Add("drain-timeout", drain_, "How long to drain");
    flags_.Add("follow", follow_, "Go on");
  }
  ~FlagsFixture() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }

  void SetEnvironment(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  std::string ConfigFile(const std::string& yaml) const {
    folder_.Write("flags.yaml", yaml);
    return folder_ / "flags.yaml";
  }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "tollgate-test");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::testing::internal::CaptureStderr();
    ::testing::internal::CaptureStdout();
    const int code = flags_.Run(static_cast<int>(arguments.size()), argv.data(), [this] {
      ran_ = true;
      return int{kExitDone};
    });
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  // Wrong use: exit code 2, nothing run, and one line that names `what`.
  void ExpectWrongUse(std::vector<std::string> arguments, const std::string& what) {
    EXPECT_EQ(Run(std::move(arguments)), kExitWrongUse);
    EXPECT_FALSE(ran_);
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    EXPECT_THAT(err_, ::testing::AllOf(::testing::StartsWith("tollgate-test: "), ::testing::HasSubstr(what)));
  }

  FlagSet flags_;
  std::string address_ = "127.0.0.1:8080";
  std::vector<std::string> hosts_;
  unsigned threads_ = 2;
  bool verbose_ = false;
  std::chrono::milliseconds drain_{30'000};
  bool follow_ = true;
  bool ran_ = false;
  std::string out_;
  std::string err_;

 private:
  kit::TempFolder folder_;
  std::vector<std::string> set_;
};

}  // namespace tollgate
