#include "proxy/store/redis/store_address.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

namespace tollgate::store {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr char kForm[] = "write redis://[user:password@]host:port/database";

template <class T>
std::optional<T> ToNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    uint8_t byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || end != text.data() + i + 3) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

Status<> ReadCredentials(std::string_view text, StoreAddress& address) {
  const size_t colon = text.find(':');
  const auto user = Decode(text.substr(0, colon));
  const auto password =
      colon == std::string_view::npos ? std::optional<std::string>("") : Decode(text.substr(colon + 1));
  if (!user || !password) return Fault{"has a broken %XX in its user or password; encode each byte anew"};
  address.user = *user;
  address.password = *password;
  return Done{};
}

Status<> ReadHost(std::string_view text, StoreAddress& address) {
  const bool bracketed = text.starts_with('[');
  const size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return Fault{"has a [ without ]; write [address]:port"};
  address.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  if (address.host.empty()) return Fault{std::string("names no host; ") + kForm};
  const size_t after = bracketed ? end + 1 : std::min(end, text.size());
  if (after == text.size()) return Done{};
  const auto port = text[after] == ':' ? ToNumber<uint16_t>(text.substr(after + 1)) : std::nullopt;
  if (!port || *port == 0)
    return Fault{"has no port between 1 and 65535 behind its host; " + std::string(kForm)};
  address.port = *port;
  return Done{};
}

}  // namespace

Result<StoreAddress> StoreAddress::Parse(std::string_view url) {
  if (!url.starts_with(kScheme)) {
    return Fault{std::string("is not an address of a store that this release reaches; write memory, or ") +
                 (kForm + std::strlen("write "))};
  }
  std::string_view rest = url.substr(kScheme.size());
  StoreAddress address;
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    const auto database = ToNumber<unsigned>(rest.substr(slash + 1));
    if (!database) return Fault{std::string("has a database that is no number; ") + kForm};
    address.database = *database;
  }
  rest = rest.substr(0, slash);
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    if (const Status<> read = ReadCredentials(rest.substr(0, at), address); !read) return read.error();
    rest.remove_prefix(at + 1);
  }
  if (const Status<> read = ReadHost(rest, address); !read) return read.error();
  return address;
}

std::string StoreAddress::ToString() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return std::string(kScheme) + (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/" +
         std::to_string(database);
}

Result<std::string> ReadPasswordFile(const std::string& path) {
  errno = 0;  // what an empty file leaves as it is
  std::ifstream file(path);
  std::string password;
  if (!file || !std::getline(file, password)) {
    return Fault{path + ": no password can be read: " + (errno != 0 ? std::strerror(errno) : "it is empty") +
                 "; put the password into its first line and let this user read it"};
  }
  if (password.ends_with('\r')) password.pop_back();
  if (password.empty()) return Fault{path + ": its first line is empty; put the password there"};
  return password;
}

}  // namespace tollgate::store
