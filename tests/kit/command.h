// A command of the shell, run to its end. Any thread.
#pragma once

#include <string>

namespace tollgate::kit {

struct Outcome {
  int code = -1;    // the exit code; -1: it was ended by a signal
  std::string out;  // what it printed
};

Outcome RunCommand(const std::string& command);

}  // namespace tollgate::kit
