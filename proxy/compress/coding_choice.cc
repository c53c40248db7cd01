#include "proxy/compress/coding_choice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "proxy/compress/encoder.h"
#include "proxy/http/characters.h"

namespace tollgate::compress {
namespace {

// In thousandths; a weight that is none counts as 0, so that nothing is sent that was perhaps not wanted.
int Weight(std::string_view parameters) {
  const size_t at = parameters.find_first_not_of("; \t");
  if (at == std::string_view::npos) return 1000;
  std::string_view text = http::TrimBlanks(parameters.substr(at));
  if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return 0;
  text.remove_prefix(2);
  if (text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) return 0;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    weight += (text[i] - '0') * unit;
  }
  return weight <= 1000 ? weight : 0;
}

// What the caller says of each coding.
struct Wishes {
  std::array<std::optional<int>, api::Coding_ARRAYSIZE> codings;
  std::optional<int> identity;
  std::optional<int> every;  // "*"

  void Note(std::string_view name, int weight) {
    const auto is = [&](std::string_view other) { return http::EqualsIgnoringCase(name, other); };
    if (is("br")) codings[api::BROTLI] = weight;
    if (is("gzip") || is("x-gzip")) codings[api::GZIP] = weight;
    if (is("zstd")) codings[api::ZSTD] = weight;
    if (is("identity")) identity = weight;
    if (is("*")) every = weight;
  }
};

Wishes ReadWishes(const http::Fields& fields) {
  Wishes wishes;
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kAcceptEncoding) continue;
    for (std::string_view list = field.value; !list.empty();) {
      const size_t comma = std::min(list.find(','), list.size());
      const std::string_view item = list.substr(0, comma);
      list.remove_prefix(std::min(comma + 1, list.size()));
      const size_t semicolon = std::min(item.find(';'), item.size());
      wishes.Note(http::TrimBlanks(item.substr(0, semicolon)), Weight(item.substr(semicolon)));
    }
  }
  return wishes;
}

}  // namespace

CodingChoice ChooseCoding(const google::protobuf::RepeatedField<int>& offered, const http::Fields& fields) {
  const Wishes wishes = ReadWishes(fields);
  CodingChoice choice;
  choice.refuses_plain = wishes.identity.value_or(wishes.every.value_or(1)) == 0;
  // As it is, it is acceptable to whoever does not say otherwise, but liked no more than what is named.
  int best = wishes.identity.value_or(0);
  for (const int offer : offered) {
    if (NameOf(static_cast<api::Coding>(offer)).empty()) continue;
    const int weight = wishes.codings[static_cast<size_t>(offer)].value_or(wishes.every.value_or(0));
    const bool better = choice.coding == api::CODING_UNSPECIFIED ? weight >= best : weight > best;
    if (weight == 0 || !better) continue;
    choice.coding = static_cast<api::Coding>(offer);
    best = weight;
  }
  return choice;
}

}  // namespace tollgate::compress
