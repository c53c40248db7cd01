// Lists of named items: a query ("a=1&b=2") and the value of a Cookie field ("a=1; b=2"). Pure; any thread.
#pragma once

#include <algorithm>
#include <string_view>

#include "proxy/exchange/arena.h"

namespace tollgate::exchange {

// How a list is written.
struct Notation {
  enum class Encoding { kNone, kPercent, kForm };  // of names and values
  char separator;
  std::string_view joint;
  Encoding encoding;
};
inline constexpr Notation kQuery{'&', "&", Notation::Encoding::kPercent};
inline constexpr Notation kForm{'&', "&", Notation::Encoding::kForm};
inline constexpr Notation kCookies{';', "; ", Notation::Encoding::kNone};

// Percent-decodes into the arena; the same slice where there is nothing to decode. What is no good escape
// stays as it is.
std::string_view PercentDecode(std::string_view text, Arena& arena);
// The same as forms write it: "+" stands for a blank.
std::string_view FormDecode(std::string_view text, Arena& arena);

struct Item {
  std::string_view text;   // as it stands in the list, without the blanks before it
  std::string_view name;   // decoded
  std::string_view value;  // as it stands; empty where there is no "="
};

// Takes the first item off the front of a list.
Item TakeItem(std::string_view& list, const Notation& notation, Arena& arena);

// The value of the first item of a name, as it stands; empty where there is none.
std::string_view FindItem(std::string_view list, const Notation& notation, std::string_view name,
                          Arena& arena);

// The list without the items that `taken` says yes to; the same slice where there are none. Each item is
// asked about once.
template <class Taken>
std::string_view WithoutItems(std::string_view list, const Notation& notation, Arena& arena, Taken taken) {
  std::string_view rest = list;
  while (!rest.empty()) {
    const size_t before = list.size() - rest.size();
    if (!taken(TakeItem(rest, notation, arena))) continue;
    // The first one that goes: from here on the list is written anew.
    char* const out = arena.Allocate(list.size() * notation.joint.size());
    char* at = out;
    const auto append = [&](const Item& item) {
      if (at != out) at = std::copy(notation.joint.begin(), notation.joint.end(), at);
      at = std::copy(item.text.begin(), item.text.end(), at);
    };
    for (std::string_view kept = list.substr(0, before); !kept.empty();) {
      append(TakeItem(kept, notation, arena));
    }
    while (!rest.empty()) {
      const Item item = TakeItem(rest, notation, arena);
      if (!taken(item)) append(item);
    }
    return {out, static_cast<size_t>(at - out)};
  }
  return list;
}

}  // namespace tollgate::exchange
