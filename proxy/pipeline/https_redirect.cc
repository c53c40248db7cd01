#include "proxy/pipeline/https_redirect.h"

#include <string>

namespace tollgate::pipeline {
namespace {

bool NamesOwnPort(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.ends_with(']')) return false;
  const std::string_view port = authority.substr(colon + 1);
  return !port.empty() && port != "80";
}

}  // namespace

void MakeHttpsRedirect(const http::Target& target, uint16_t https_port, exchange::Arena& arena,
                       exchange::Answer& answer) {
  std::string location = "https://";
  location.append(target.host);
  if (NamesOwnPort(target.authority) && https_port != 0 && https_port != 443) {
    location.append(":").append(std::to_string(https_port));
  }
  location.append(target.path);
  if (target.has_query) location.append("?").append(target.query);
  answer.status = 308;
  answer.Add("Location", arena.Keep(location));
}

}  // namespace tollgate::pipeline
