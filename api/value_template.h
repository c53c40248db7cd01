// A text with variables ("{consumer} of {plan}"): read alike by the controller, which tells what is wrong
// with it, and by proxies, which fill it in. "{{" and "}}" stand for a brace. Immutable; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"

namespace tollgate::api {

// What the gateway knows of a request. Where a variable of a path has one of these names, this one counts.
enum class Variable {
  kConsumer,
  kPlan,
  kGroup,
  kRoute,
  kRule,
  kOperation,
  kRequestId,
  kClientAddress,
  kHost,
  kPath,
  kOfPath,  // of the match's template
};

Variable VariableNamed(std::string_view name);

class ValueTemplate {
 public:
  // Pieces at most, so that a request is filled in without a list of them on the heap.
  static constexpr size_t kMostPieces = 64;

  struct Piece {
    std::string text;                  // or the variable's name
    std::optional<Variable> variable;  // nothing: it stands for itself
  };

  // Why not, as the end of a sentence, with the remedy.
  static Result<ValueTemplate> Parse(std::string_view text);

  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void AddText(char c);

  std::vector<Piece> pieces_;
};

}  // namespace tollgate::api
