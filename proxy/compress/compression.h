// Whether an answer is compressed on its way to the caller, and what that makes of its head. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/compress/encoder.h"
#include "proxy/exchange/answer.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::compress {

// How many bodies one core compresses at once, so that slow readers do not hold more than 72 MiB of encoders.
// One more goes as it is.
inline constexpr size_t kMostAtOnce = 64;

// Less is not worth the work: an answer that fits into one packet arrives no sooner in half of one.
inline constexpr uint64_t kLeastBytes = 1024;

// An encoder, and its place among those of its core; empty where the body goes as it is.
class Compression {
 public:
  Compression() = default;
  Compression(std::unique_ptr<Encoder> encoder, size_t& open) : encoder_(std::move(encoder)), open_(&open) {
    ++open;
  }
  Compression(Compression&& other) noexcept
      : encoder_(std::move(other.encoder_)), open_(std::exchange(other.open_, nullptr)) {}
  Compression& operator=(Compression&& other) noexcept {
    std::swap(encoder_, other.encoder_);
    std::swap(open_, other.open_);
    return *this;
  }
  ~Compression() {
    if (open_ != nullptr) --*open_;
  }

  explicit operator bool() const { return encoder_ != nullptr; }

  // Takes the next piece in.
  void Add(std::string_view piece) { encoder_->Encode(piece, Encoder::Behind::kMore, out_); }
  // What has come of the pieces and was not taken yet; until the next call of either.
  std::string_view Take(Encoder::Behind behind) {
    taken_.clear();
    encoder_->Encode({}, behind, out_);
    taken_.swap(out_);
    return taken_;
  }

 private:
  std::unique_ptr<Encoder> encoder_;
  size_t* open_ = nullptr;
  std::string out_;
  std::string taken_;
};

// Decides by the rule, the caller's wish and the answer's head, and changes the head where the body will be
// another one. `open` counts those of the core.
Compression Begin(exchange::Exchange& x, size_t& open, exchange::Answer& answer);

}  // namespace tollgate::compress
