#include "tests/kit/redis_server.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/kit/command.h"
#include "tests/kit/eventually.h"
#include "tests/kit/free_port.h"

namespace tollgate::kit {
namespace {

std::string Quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The value of a flag, or "".
std::string ValueOf(const std::vector<std::string>& flags, const std::string& name) {
  const auto at = std::find(flags.begin(), flags.end(), name);
  return at == flags.end() || at + 1 == flags.end() ? "" : *(at + 1);
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> flags) : flags_(std::move(flags)) {
  for (int tries = 0; tries < 5; ++tries) {
    port_ = FreePort();
    if (TryStart()) return;
  }
  throw std::runtime_error("redis-server does not start: " + process_->Stderr() + Log());
}

// Its end is the process's, frozen or not.
RedisServer::~RedisServer() = default;

void RedisServer::StartUnawaited() {
  std::vector<std::string> command = {"redis-server",
                                      "--bind",
                                      "127.0.0.1",
                                      "--port",
                                      std::to_string(port_),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--dir",
                                      folder_.path(),
                                      "--logfile",
                                      folder_ / "redis.log",
                                      "--daemonize",
                                      "no",
                                      "--databases",
                                      "16",
                                      "--enable-debug-command",
                                      "local"};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<Process>(command);
}

// Whoever answers must be this process: another test's server may have taken the port.
bool RedisServer::TryStart() {
  StartUnawaited();
  const std::string self = "process_id:" + std::to_string(process_->pid()) + "\r";
  const auto serves = [&] {
    return Ask({"PING"}) == "PONG" && Ask({"INFO", "server"}).find(self) != std::string::npos;
  };
  return Eventually([&] { return !process_->running() || serves(); }, std::chrono::seconds(60)) &&
         process_->running();
}

// Another test that looked for a port of its own may hold it for a moment.
void RedisServer::Start() {
  if (!Eventually([&] { return TryStart(); }, std::chrono::seconds(60)))
    throw std::runtime_error("redis-server does not start again: " + process_->Stderr() + Log());
}

void RedisServer::Freeze() const { process_->Signal(SIGSTOP); }
void RedisServer::Thaw() const { process_->Signal(SIGCONT); }

void RedisServer::Kill() {
  process_->Signal(SIGKILL);
  (void)process_->Wait();
}

std::string RedisServer::Ask(const std::vector<std::string>& command) const {
  const std::string password = ValueOf(flags_, "--requirepass");
  std::string line = (password.empty() ? "" : "REDISCLI_AUTH=" + Quoted(password) + " ") +
                     "redis-cli --no-auth-warning -h 127.0.0.1 -p " + std::to_string(port_);
  for (const std::string& word : command) line += " " + Quoted(word);
  std::string output = RunCommand(line + " 2>&1").out;
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::vector<std::string> RedisServer::Keys(const std::string& pattern) const {
  std::vector<std::string> keys;
  std::istringstream lines(Ask({"--raw", "KEYS", pattern}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) keys.push_back(line);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace tollgate::kit
