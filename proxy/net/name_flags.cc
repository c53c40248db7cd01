#include "proxy/net/name_flags.h"

#include <string_view>

#include "proxy/resolve/dns_client.h"

namespace tollgate::net {
namespace {

Result<std::vector<Cidr>> ReadCidrs(std::string_view text) {
  std::vector<Cidr> cidrs;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const std::optional<Cidr> cidr = Cidr::Parse(one);
    if (!cidr) {
      return Fault{"--external-cidrs: \"" + std::string(one) +
                   "\" is no network; write such as 10.20.0.0/16, several with commas between them"};
    }
    cidrs.push_back(*cidr);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return cidrs;
}

}  // namespace

void NameFlags::AddTo(FlagSet& set, Reach reach) {
  set.Add(
      "dns-servers", dns_servers,
      "Name servers that the names of url targets are looked up with: ADDRESS[:PORT], several with commas "
      "between them; empty: those of this machine");
  if (reach == Reach::kEverywhere) return;
  set.Add("external-cidrs", external_cidrs,
          "Networks that the names of url targets may lead to although they are of this machine, links or "
          "private networks, which are refused: 10.20.0.0/16, several with commas between them");
}

Result<resolve::ResolverOptions> ReadNames(const NameFlags& flags, Reach reach) {
  if (!flags.dns_servers.empty() && !resolve::DnsClient::IsServerList(flags.dns_servers)) {
    return Fault{
        "--dns-servers \"" + flags.dns_servers +
        "\" is no list of addresses; write such as 10.96.0.10 or 127.0.0.1:5353, several with commas "
        "between them"};
  }
  Result<std::vector<Cidr>> allowed = ReadCidrs(flags.external_cidrs);
  if (!allowed) return allowed.error();
  return resolve::ResolverOptions{
      flags.dns_servers, {.outside_alone = reach == Reach::kOutside, .allowed = *std::move(allowed)}};
}

}  // namespace tollgate::net
