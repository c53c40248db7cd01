// A command line, and what it says. Any thread.
#pragma once

#include <string>

namespace tollgate::kit {

struct Said {
  int code = -1;    // exit code
  std::string out;  // standard output and standard error
};

// Runs `command` by sh, with `input` as its standard input, and waits for it.
Said Shell(const std::string& command, const std::string& input = "");

}  // namespace tollgate::kit
