#include "proxy/resolve/address_rules.h"

#include <algorithm>
#include <array>

namespace tollgate::resolve {
namespace {

using Networks = std::vector<Cidr>;

Networks Read(std::initializer_list<const char*> texts) {
  Networks networks;
  for (const char* text : texts) networks.push_back(*Cidr::Parse(text));
  return networks;
}

bool Contain(const Networks& networks, const IpBytes& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&address](const Cidr& network) { return network.Contains(address); });
}

// Of IANA's special-purpose registries (RFC 6890), what is not reached globally: this machine, links, private
// networks, those of carriers, groups, and what is reserved.
const Networks& InsideNetworks() {
  static const Networks kInside =
      Read({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "::/128", "::1/128",
            "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"});
  return kInside;
}

// Where an address of IPv6 stands for one of IPv4 (NAT64, RFC 6052; 6to4, RFC 3056; compatible, RFC 4291),
// that one counts.
IpBytes Meant(const IpBytes& address) {
  static const Cidr kNat64 = *Cidr::Parse("64:ff9b::/96");
  static const Cidr kSixToFour = *Cidr::Parse("2002::/16");
  static const Cidr kCompatible = *Cidr::Parse("::/96");
  static const Cidr kItself = *Cidr::Parse("::1/128");
  IpBytes meant{};
  meant[10] = meant[11] = 0xFF;
  if (kNat64.Contains(address) || (kCompatible.Contains(address) && !kItself.Contains(address))) {
    std::copy(address.begin() + 12, address.end(), meant.begin() + 12);
    return meant;
  }
  if (!kSixToFour.Contains(address)) return address;
  std::copy(address.begin() + 2, address.begin() + 6, meant.begin() + 12);
  return meant;
}

}  // namespace

bool AddressRules::Allow(const std::string& literal) const {
  if (!outside_alone) return true;
  const std::optional<IpBytes> address = ParseIp(literal);
  if (!address) return false;
  return Contain(allowed, *address) || !Contain(InsideNetworks(), Meant(*address));
}

}  // namespace tollgate::resolve
