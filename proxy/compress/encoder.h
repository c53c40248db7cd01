// Compresses a body piece by piece. One for a body; one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "api/snapshot.pb.h"

namespace tollgate::compress {

// Repetition is found again in the last 128 KiB: pages of repeated markup take a third more with half of that
// (docs/compression.md has the figures), and an encoder takes 1.1 MiB at most, whatever the body.
inline constexpr int kWindowBits = 17;

class Encoder {
 public:
  // What is known of the body behind a piece.
  enum class Behind {
    kMore,   // there is more at once: the encoder may keep what it has to itself
    kPause,  // nobody knows when more comes: all that went in comes out
    kEnd,
  };

  virtual ~Encoder() = default;

  // Appends what the piece becomes. Once more after kEnd is a mistake.
  virtual void Encode(std::string_view piece, Behind behind, std::string& out) = 0;

  // nullptr for a coding that this proxy does not know.
  static std::unique_ptr<Encoder> Make(api::Coding coding);
};

std::unique_ptr<Encoder> MakeBrotliEncoder();
std::unique_ptr<Encoder> MakeGzipEncoder();
std::unique_ptr<Encoder> MakeZstdEncoder();

// As Content-Encoding names it (RFC 9110, section 8.4.1; RFC 7932; RFC 8878); empty where it is unknown.
std::string_view NameOf(api::Coding coding);

}  // namespace tollgate::compress
