#include "proxy/store/redis/codec.h"

#include <hiredis/hiredis.h>

#include <array>
#include <charconv>
#include <system_error>

#include "api/base/check.h"

namespace tollgate::store {

namespace {

// "$5" or "*3" and the line end: what announces an argument, or how many there are.
void AppendSize(char kind, size_t size, std::string& to) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), size);
  TOLLGATE_CHECK(error == std::errc());
  to.append(1, kind).append(digits.data(), end).append("\r\n");
}

}  // namespace

// Not by redisFormatCommandArgv: that would copy each body once more, into memory of its own.
void AppendCommand(std::string& to, std::span<const std::string_view> arguments) {
  AppendSize('*', arguments.size(), to);
  for (const std::string_view argument : arguments) {
    AppendSize('$', argument.size(), to);
    to.append(argument).append("\r\n");
  }
}

ReplyView::Kind ReplyView::kind() const {
  switch (reply_->type) {
    case REDIS_REPLY_STRING: return Kind::kText;
    case REDIS_REPLY_ARRAY: return Kind::kArray;
    case REDIS_REPLY_INTEGER: return Kind::kInteger;
    case REDIS_REPLY_STATUS: return Kind::kStatus;
    case REDIS_REPLY_ERROR: return Kind::kError;
    default: return Kind::kNil;
  }
}

std::string_view ReplyView::text() const {
  return reply_->str == nullptr ? std::string_view() : std::string_view(reply_->str, reply_->len);
}

std::string_view ReplyView::error() const {
  return text().substr(0, text().find(", with args beginning with"));
}

int64_t ReplyView::integer() const { return reply_->integer; }
size_t ReplyView::size() const { return kind() == Kind::kArray ? reply_->elements : 0; }

ReplyView ReplyView::operator[](size_t i) const {
  TOLLGATE_CHECK(i < size());
  return ReplyView(reply_->element[i]);
}

ReplyReader::ReplyReader() : reader_(::redisReaderCreate()) {}
ReplyReader::~ReplyReader() = default;

bool ReplyReader::Feed(std::string_view bytes) {
  return ::redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) == REDIS_OK;
}

ReplyReader::Found ReplyReader::Next() {
  reply_.reset();
  void* reply = nullptr;
  if (::redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) return Found::kBroken;
  if (reply == nullptr) return Found::kNothing;
  reply_.reset(static_cast<redisReply*>(reply));
  return Found::kReply;
}

ReplyView ReplyReader::reply() const { return ReplyView(reply_.get()); }

void ReplyReader::Free::operator()(redisReader* reader) const { ::redisReaderFree(reader); }
void ReplyReader::Free::operator()(redisReply* reply) const { ::freeReplyObject(reply); }

}  // namespace tollgate::store
