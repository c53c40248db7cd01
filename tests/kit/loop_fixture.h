// A loop in the test's own thread: runs coroutines until all have ended, and fails the test where they do
// not.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/io/loop.h"
#include "proxy/io/tcp.h"

namespace tollgate::kit {

using std::chrono::milliseconds;

class LoopFixture : public ::testing::Test {
 protected:
  struct Pair {
    std::unique_ptr<io::Stream> ours;
    std::unique_ptr<io::Stream> theirs;
  };

  // Two streams that are connected to each other.
  Pair ConnectedPair() {
    std::array<int, 2> sockets{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()), 0);
    return {Adopt(sockets[0]), Adopt(sockets[1])};
  }
  std::unique_ptr<io::Stream> Adopt(int socket) {
    return io::AdoptSocket(loop_, socket, *io::Address::FromLiteral("127.0.0.1", 1));
  }

  // Starts a task; Run() waits for it.
  void Start(io::Task<void> task) {
    ++running_;
    io::Detach(Count(std::move(task)));
  }
  // Serves until every task that was started has ended.
  void Run() {
    io::Detach(Watch());
    serving_ = true;
    if (running_ == 0) loop_.Stop();
    loop_.Run();
    EXPECT_EQ(running_, 0) << "tasks that never ended";
  }
  void Run(io::Task<void> task) {
    Start(std::move(task));
    Run();
  }

  io::Loop loop_;
  int running_ = 0;

 private:
  bool serving_ = false;

  io::Task<void> Count(io::Task<void> task) {
    co_await task;
    if (--running_ == 0 && serving_) loop_.Stop();
  }
  io::Task<void> Watch() {
    io::Loop::Sleeper deadline = loop_.Sleep(std::chrono::seconds(60));
    co_await deadline;
    if (!loop_.stopping()) ADD_FAILURE() << running_ << " tasks have not ended in time";
    if (!loop_.stopping()) loop_.Stop();
  }
};

// Reads once.
inline io::Task<io::IoResult> ReadSome(io::Stream& stream, std::string& into) {
  std::array<char, 4096> buffer;
  io::Stream::ReadAwaiter read = stream.Read(buffer);
  const io::IoResult result = co_await read;
  if (result.ok()) into.append(buffer.data(), result.bytes);
  co_return result;
}

inline io::Task<io::IoResult> WriteAll(io::Stream& stream, std::string_view text) {
  io::Stream::WriteAwaiter write = stream.Write(text);
  const io::IoResult result = co_await write;
  co_return result;
}

}  // namespace tollgate::kit
