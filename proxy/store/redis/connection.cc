#include "proxy/store/redis/connection.h"

#include <array>
#include <cstring>
#include <vector>

#include "api/base/check.h"
#include "proxy/io/buffer_pool.h"
#include "proxy/io/tcp.h"

namespace tollgate::store {
namespace {

// Of the memory that commands were written from: what those of a busy turn take.
constexpr size_t kKeptBytes = size_t{64} << 10;

std::string Describe(const io::IoResult& result) {
  switch (result.status) {
    case io::IoStatus::kEof: return "it closed the connection";
    case io::IoStatus::kTimeout: return "it did not answer in time";
    case io::IoStatus::kFailed: return std::strerror(result.error);
    default: return "the connection was closed";
  }
}

}  // namespace

RedisConnection::RedisConnection(io::Loop& loop, std::unique_ptr<io::Stream> stream, Options options)
    : loop_(loop), stream_(std::move(stream)), options_(options), last_sent_(SteadyNow()) {}

io::Task<Result<std::shared_ptr<RedisConnection>>> RedisConnection::Open(io::Loop& loop,
                                                                         const StoreAddress& address,
                                                                         const io::Address& server,
                                                                         SteadyTime deadline,
                                                                         Options options) {
  io::Connected connected = co_await io::Connect(loop, server, deadline);
  if (connected.stream == nullptr) {
    co_return Fault{std::string("cannot connect: ") + std::strerror(connected.error)};
  }
  const auto connection = std::make_shared<RedisConnection>(loop, std::move(connected.stream), options);
  connection->stream_->SetReadDeadline(deadline);
  io::Detach(ReadReplies(connection));
  const Status<> entered = co_await Enter(*connection, address);
  if (!entered) {
    connection->Close(entered.error().message);
    co_return entered.error();
  }
  connection->stream_->SetReadDeadline(SteadyTime::max());
  io::Detach(KeepAwake(connection));
  co_return connection;
}

// Each answer is awaited, so that a refusal is told from what it refuses.
io::Task<Status<>> RedisConnection::Enter(RedisConnection& connection, const StoreAddress& address) {
  const std::string database = std::to_string(address.database);
  std::vector<std::vector<std::string_view>> commands;
  if (!address.password.empty() && address.user.empty()) commands.push_back({"AUTH", address.password});
  if (!address.user.empty()) commands.push_back({"AUTH", address.user, address.password});
  if (address.database != 0) commands.push_back({"SELECT", database});
  commands.push_back({"PING"});
  for (const std::vector<std::string_view>& command : commands) {
    Call call = connection.Ask(command);
    const ReplyView* reply = co_await call;
    if (reply == nullptr) co_return Fault{connection.why_};
    if (reply->is_error()) {
      co_return Fault{"it refuses " + std::string(command.front()) + ": " + std::string(reply->error())};
    }
  }
  co_return Done{};
}

void RedisConnection::Watch(OnEnd on_end) { on_end_ = std::move(on_end); }

void RedisConnection::Send(std::span<const std::string_view> arguments, ReplyWaiter& waiter) {
  Append(arguments, &waiter);
}

void RedisConnection::Append(std::span<const std::string_view> arguments, ReplyWaiter* waiter) {
  TOLLGATE_CHECK(open_);
  AppendCommand(out_, arguments);
  last_sent_ = SteadyNow();
  unanswered_.push_back({waiter, last_sent_});
  ScheduleWrite();
}

void RedisConnection::ScheduleWrite() {
  if (write_scheduled_) return;
  write_scheduled_ = true;
  // Behind all else that this turn has to do, so that what it asks goes out together.
  loop_.Post([self = shared_from_this()] { io::Detach(WriteCommands(self)); });
}

io::Task<void> RedisConnection::WriteCommands(std::shared_ptr<RedisConnection> self) {
  while (self->open_ && !self->out_.empty()) {
    self->writing_.swap(self->out_);
    io::Stream::WriteAwaiter write = self->stream_->Write(self->writing_);
    const io::IoResult result = co_await write;
    self->writing_.clear();
    // Two bodies at once should not be held for ever.
    if (self->writing_.capacity() > kKeptBytes) std::string().swap(self->writing_);
    if (!result.ok()) self->Close(Describe(result));
  }
  self->write_scheduled_ = false;
}

io::Task<void> RedisConnection::ReadReplies(std::shared_ptr<RedisConnection> self) {
  const io::Block block = io::TakeBlock();
  while (self->open_) {
    io::Stream::ReadAwaiter read = self->stream_->Read({block.get(), io::kBlockBytes});
    const io::IoResult result = co_await read;
    if (!result.ok()) {
      self->Close(Describe(result));
    } else if (!self->replies_.Feed({block.get(), result.bytes}) || !self->TakeReplies()) {
      self->Close("what it sends is not Redis' protocol");
    }
  }
  self->Finish();
}

bool RedisConnection::TakeReplies() {
  while (open_) {
    const ReplyReader::Found found = replies_.Next();
    if (found == ReplyReader::Found::kNothing) return true;
    if (found == ReplyReader::Found::kBroken || unanswered_.empty()) return false;
    ReplyWaiter* const waiter = unanswered_.front().waiter;
    unanswered_.pop_front();
    if (waiter != nullptr) waiter->OnReply(replies_.reply());
  }
  return true;
}

// A command counts as unanswered for too long only when it was old the last time that somebody looked: a
// process that itself stood still for a while finds old commands whose replies it has not read yet.
io::Task<void> RedisConnection::KeepAwake(std::shared_ptr<RedisConnection> self) {
  const Options options = self->options_;
  SteadyTime old_at_last_look = SteadyTime::min();
  while (self->open_ && !self->loop_.stopping()) {
    io::Loop::Sleeper pause = self->loop_.Sleep(std::min(options.ping_every, options.longest_silence) / 2);
    co_await pause;
    if (!self->open_) break;
    const SteadyTime now = SteadyNow();
    if (self->unanswered_.empty()) {
      old_at_last_look = SteadyTime::min();
      if (now - self->last_sent_ < options.ping_every) continue;
      const std::array<std::string_view, 1> ping{"PING"};
      self->Append(ping, nullptr);
      continue;
    }
    const SteadyTime oldest = self->unanswered_.front().sent;
    if (now - oldest >= options.longest_silence && oldest == old_at_last_look) {
      self->Close("it has not answered for " + std::to_string(options.longest_silence.count()) + " ms");
    }
    old_at_last_look = now - oldest >= options.longest_silence / 2 ? oldest : SteadyTime::min();
  }
}

void RedisConnection::Close(const std::string& why) {
  if (!open_) return;
  open_ = false;
  why_ = why;
  stream_->Close();
}

void RedisConnection::Finish() {
  while (!unanswered_.empty()) {
    ReplyWaiter* const waiter = unanswered_.front().waiter;
    unanswered_.pop_front();
    if (waiter != nullptr) waiter->OnLost();
  }
  if (on_end_) std::exchange(on_end_, nullptr)(why_);
}

}  // namespace tollgate::store
