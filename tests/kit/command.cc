#include "tests/kit/command.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace tollgate::kit {

Outcome RunCommand(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run a shell");
  Outcome outcome;
  std::array<char, 65536> bytes;
  while (const size_t size = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
    outcome.out.append(bytes.data(), size);
  }
  const int status = ::pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace tollgate::kit
