// Redis' protocol, RESP2: commands out, replies in. The only user of hiredis, whose types stay here. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct redisReader;
struct redisReply;

namespace tollgate::store {

// Appends a command and its arguments, any bytes, as they go over the wire.
void AppendCommand(std::string& to, std::span<const std::string_view> arguments);

// A reply, and a view into one that its owner keeps.
class ReplyView {
 public:
  enum class Kind : uint8_t { kNil, kStatus, kError, kInteger, kText, kArray };

  explicit ReplyView(const redisReply* reply) : reply_(reply) {}

  Kind kind() const;
  bool is_error() const { return kind() == Kind::kError; }
  // Of a status, an error or a text; empty otherwise.
  std::string_view text() const;
  // What an error says, without the arguments that some errors repeat: they may be a password or a body.
  std::string_view error() const;
  int64_t integer() const;
  size_t size() const;  // of an array
  ReplyView operator[](size_t i) const;

 private:
  const redisReply* reply_;
};

class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // False: the bytes are not Redis' protocol; the connection is of no more use.
  bool Feed(std::string_view bytes);

  enum class Found : uint8_t { kReply, kNothing, kBroken };
  // The next whole reply; it stays until the next call.
  Found Next();
  ReplyView reply() const;

 private:
  struct Free {
    void operator()(redisReader* reader) const;
    void operator()(redisReply* reply) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::unique_ptr<redisReply, Free> reply_;
};

}  // namespace tollgate::store
