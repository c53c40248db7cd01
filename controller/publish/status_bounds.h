// The bounds of a status, as crds/*.yaml set them: one value beyond them and the API server refuses the
// whole. There they are characters, here bytes, so that they hold whatever the text. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "controller/compile/condition.h"

namespace tollgate::publish {

inline constexpr size_t kProblems = compile::kMostProblems;
inline constexpr size_t kRuleBytes = 253;
inline constexpr size_t kFieldBytes = 1'024;
inline constexpr size_t kProblemBytes = 4'096;
// An eighth of what the CRD admits: a condition is read in a terminal.
inline constexpr size_t kMessageBytes = 4'096;

// At most `bytes` of the text, cut between characters, an ellipsis in the place of the rest.
inline std::string Clip(const std::string& text, size_t bytes) {
  static constexpr char kEllipsis[] = "...";
  if (text.size() <= bytes) return text;
  size_t end = bytes - (sizeof kEllipsis - 1);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + kEllipsis;
}

}  // namespace tollgate::publish
