#include "proxy/guard/client_address.h"

#include <array>
#include <span>
#include <string>

#include "proxy/http/characters.h"

namespace tollgate::guard {
namespace {

using Entries = std::array<std::string_view, kMostHops>;

// Takes the last item of a list; empty ones count for nothing (RFC 9110, section 5.6.1.2).
std::string_view TakeLast(std::string_view& list) {
  const size_t comma = list.rfind(',');
  const std::string_view item = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
  return http::TrimBlanks(item);
}

// The last entries, from the right, as many as are wanted or there are.
std::span<const std::string_view> LastEntries(const http::Fields& fields, unsigned wanted, Entries& entries) {
  size_t found = 0;
  for (const http::Field* field = fields.end(); field != fields.begin() && found < wanted;) {
    --field;
    if (field->known != http::KnownHeader::kXForwardedFor) continue;
    for (std::string_view list = field->value; !list.empty() && found < wanted;) {
      if (const std::string_view entry = TakeLast(list); !entry.empty()) entries[found++] = entry;
    }
  }
  return std::span(entries).first(found);
}

// Some write the port, too.
std::optional<io::Address> ReadEntry(std::string_view entry) {
  if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  if (auto address = io::Address::FromLiteral(std::string(entry), 0)) return address;
  return entry.starts_with(':') ? std::nullopt : io::Address::Parse(entry);
}

}  // namespace

void FindClient(unsigned trusted, exchange::Exchange& x) {
  Entries entries;
  const std::span<const std::string_view> last = LastEntries(x.head.fields, trusted, entries);
  if (last.size() < trusted) return;
  x.forwarded_client = ReadEntry(last.back());
  if (!x.forwarded_client) return;
  std::string way = x.forwarded_client->ip();
  for (size_t i = last.size() - 1; i > 0; --i) way.append(", ").append(last[i - 1]);
  x.forwarded_for = x.arena.Keep(way.append(", ").append(x.peer.ip()));
}

}  // namespace tollgate::guard
