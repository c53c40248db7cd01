// Cuts a stream of bytes into lines, whatever pieces it arrives in. Used for watch answers, where a line is
// an event. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::kube {

class LineSplitter {
 public:
  enum class Outcome {
    kMore,     // all was taken; the rest of a line may be kept for the next piece
    kStopped,  // on_line returned false
    kTooLong,  // a line is longer than the limit; what was kept of it is gone
  };

  explicit LineSplitter(size_t max_line) : max_line_(max_line) {}

  // Calls on_line(std::string_view) -> bool for each line that ends in `piece`, without its '\n'. A line
  // that lies wholly in the piece is not copied. The view is valid during the call only.
  template <class OnLine>
  [[nodiscard]] Outcome Feed(std::string_view piece, OnLine&& on_line) {
    size_t end;
    while ((end = piece.find('\n')) != std::string_view::npos) {
      if (rest_.size() + end > max_line_) return Overflow();
      if (!Deliver(piece.substr(0, end), on_line)) return Outcome::kStopped;
      piece.remove_prefix(end + 1);
    }
    if (rest_.size() + piece.size() > max_line_) return Overflow();
    rest_.append(piece);
    return Outcome::kMore;
  }

 private:
  template <class OnLine>
  bool Deliver(std::string_view end_of_line, OnLine&& on_line) {
    if (rest_.empty()) return on_line(end_of_line);
    rest_.append(end_of_line);
    const bool go_on = on_line(std::string_view(rest_));
    // One large Secret must not cost its size for as long as the watch lives.
    if (rest_.capacity() > kKeptCapacity) std::string().swap(rest_);
    rest_.clear();
    return go_on;
  }

  Outcome Overflow() {
    std::string().swap(rest_);
    return Outcome::kTooLong;
  }

  static constexpr size_t kKeptCapacity = 64 * 1024;

  const size_t max_line_;
  std::string rest_;
};

}  // namespace tollgate::kube
