// Flags of a program: from the command line, else the environment (TOLLGATE_HTTP_ADDRESS), else a YAML file
// (--config), else the default, in that order. What is unknown or ill-typed is an error. One thread, at
// start.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tollgate {

// What programs end with; scripts rely on these.
enum ExitCode {
  kExitDone = 0,
  kExitFailed = 1,
  kExitWrongUse = 2,
  kExitRefusedInput = 3,
  kExitInterrupted = 130
};

class FlagSet {
 public:
  FlagSet(std::string program, std::string description);
  ~FlagSet();

  // `name` is kebab-case without dashes; the value that the target holds is the default that --help shows.
  // Help texts state the unit.
  void Add(const std::string& name, std::string& target, const std::string& help);
  void Add(const std::string& name, std::vector<std::string>& target, const std::string& help);
  void Add(const std::string& name, unsigned& target, const std::string& help);
  void Add(const std::string& name, bool& target, const std::string& help);
  void Add(const std::string& name, std::chrono::milliseconds& target, const std::string& help);
  // Arguments without a name, one or more.
  void AddOperands(const std::string& name, std::vector<std::string>& target, const std::string& help);

  // A command of its own flags; `run` is called by Run() when it is the one that was given.
  FlagSet& AddCommand(const std::string& name, const std::string& description, std::function<int()> run);

  // Reads everything and calls `run` (of the command given, if there are commands). Returns the exit code;
  // wrong use prints one line to stderr and returns kExitWrongUse.
  int Run(int argc, char** argv, std::function<int()> run = nullptr);

 private:
  struct State;
  explicit FlagSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One line on stderr: what, why, remedy.
int Fail(const std::string& program, const std::string& message, ExitCode code = kExitFailed);

}  // namespace tollgate
