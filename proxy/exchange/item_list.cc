#include "proxy/exchange/item_list.h"

#include "proxy/http/percent.h"

namespace tollgate::exchange {
namespace {

// `plus` is what a "+" stands for.
std::string_view Decode(std::string_view text, char plus, Arena& arena) {
  char* const out = arena.Allocate(text.size());
  size_t n = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int octet = http::DecodeOctet(text.substr(i));
    const char plain = text[i] == '+' ? plus : text[i];
    out[n++] = octet < 0 ? plain : static_cast<char>(octet);
    if (octet >= 0) i += 2;
  }
  return {out, n};
}

}  // namespace

std::string_view PercentDecode(std::string_view text, Arena& arena) {
  return text.find('%') == std::string_view::npos ? text : Decode(text, '+', arena);
}

std::string_view FormDecode(std::string_view text, Arena& arena) {
  return text.find_first_of("%+") == std::string_view::npos ? text : Decode(text, ' ', arena);
}

Item TakeItem(std::string_view& list, const Notation& notation, Arena& arena) {
  const size_t end = std::min(list.find(notation.separator), list.size());
  Item item{.text = list.substr(0, end), .name = {}, .value = {}};
  list.remove_prefix(std::min(end + 1, list.size()));
  while (!item.text.empty() && item.text.front() == ' ') item.text.remove_prefix(1);
  const size_t equals = item.text.find('=');
  item.name = item.text.substr(0, equals);
  if (notation.encoding == Notation::Encoding::kPercent) item.name = PercentDecode(item.name, arena);
  if (notation.encoding == Notation::Encoding::kForm) item.name = FormDecode(item.name, arena);
  if (equals != std::string_view::npos) item.value = item.text.substr(equals + 1);
  return item;
}

std::string_view FindItem(std::string_view list, const Notation& notation, std::string_view name,
                          Arena& arena) {
  while (!list.empty()) {
    const Item item = TakeItem(list, notation, arena);
    if (item.name == name) return item.value;
  }
  return {};
}

}  // namespace tollgate::exchange
