#include "tests/kit/shell.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

Said Shell(const std::string& command, const std::string& input) {
  TempFolder folder;
  folder.Write("input", input);
  const std::string line = "{ " + command + "\n} < " + (folder / "input") + " 2>&1";
  FILE* const pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) return {};
  Said said;
  std::array<char, 4096> buffer;
  for (size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    said.out.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return said;
}

}  // namespace tollgate::kit
