#include "tests/kit/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/kit/eventually.h"

namespace tollgate::kit {

Process::Process(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string errors = folder_ / "stderr";
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ > 0) return;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(::open("/dev/null", O_RDWR), STDOUT_FILENO);
  ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Process::~Process() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::Signal(int signal) const { ::kill(pid_, signal); }

bool Process::running() {
  if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return !ended_;
}

int Process::Wait(std::chrono::milliseconds deadline) {
  if (!Eventually([this] { return !running(); }, deadline)) return -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::map<std::string, int> AwaitPorts(const std::string& path, Process& process) {
  Eventually([&] { return std::filesystem::exists(path) || !process.running(); }, std::chrono::seconds(60));
  std::map<std::string, int> ports;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) ports[line.substr(0, equals)] = std::stoi(line.substr(equals + 1));
  }
  return ports;
}

std::string ProgramPath(const std::string& name) {
  // Another build of the same programs, with sanitizers for instance.
  const char* const elsewhere = std::getenv("TOLLGATE_PROGRAMS");
  std::string path = std::string(elsewhere != nullptr ? elsewhere : TOLLGATE_PROGRAMS) + "/" + name;
  if (!std::filesystem::exists(path)) throw std::runtime_error(path + " does not exist: build it first");
  return path;
}
std::string SourcePath(const std::string& name) { return std::string(TOLLGATE_SOURCES) + "/" + name; }

}  // namespace tollgate::kit
