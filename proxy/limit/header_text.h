// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-09): lists of strings with integer
// parameters, in the syntax of structured fields (RFC 9651). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::limit {

// `"name"` with what its syntax needs escaped; what it cannot hold becomes '_'.
std::string HeaderString(std::string_view name);

// Microseconds as whole seconds, rounded up, so that nobody is told to come back too early. The one
// microsecond by which an admission has to be older than its period makes no second of its own.
constexpr uint64_t SecondsRoundedUp(int64_t us) {
  return us <= 0 ? 0 : (static_cast<uint64_t>(us) + 999'998) / 1'000'000;
}

// The most that one item adds to its string: a separator, two parameters of 15 digits.
inline constexpr size_t kItemRoom = 2 + 2 * (3 + 15);

// Writes `, "name";r=1;t=2` items one after the other into memory that has room.
class HeaderList {
 public:
  explicit HeaderList(char* to) : begin_(to), end_(to) {}

  // `name` is a HeaderString; the keys are one letter each.
  void Add(std::string_view name, char key_a, uint64_t a, char key_b, uint64_t b);
  std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }

 private:
  void Put(std::string_view text);
  void PutParameter(char key, uint64_t value);

  char* const begin_;
  char* end_;
};

}  // namespace tollgate::limit
