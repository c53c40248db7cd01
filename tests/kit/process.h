// A program of ours or of others, started by a test and ended with it, by its own process id. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

class Process {
 public:
  // Starts `command`; its standard error is kept for Stderr(), its standard output is thrown away.
  explicit Process(const std::vector<std::string>& command);
  ~Process();  // SIGKILL where it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  bool running();
  // Waits for its end: the exit code, or 128 and the signal that ended it; -1 when it still runs after that
  // long.
  int Wait(std::chrono::milliseconds deadline = std::chrono::seconds(60));
  std::string Stderr() const { return folder_.Read("stderr"); }

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int status_ = -1;
  bool ended_ = false;
};

// The `name=port` lines of a --port-file, once it is there; empty when the process ended before.
std::map<std::string, int> AwaitPorts(const std::string& path, Process& process);

// A program that the build made; of the build whose bin folder TOLLGATE_PROGRAMS names, where it is set.
std::string ProgramPath(const std::string& name);
// A file of the source tree.
std::string SourcePath(const std::string& name);

}  // namespace tollgate::kit
