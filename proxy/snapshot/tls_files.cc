#include "proxy/snapshot/tls_files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

namespace tollgate::snapshot {
namespace {

Status<> ReadFile(const std::string& flag, const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  if (!file) {
    return Fault{"cannot read " + flag + " \"" + path + "\": " + std::strerror(errno) +
                 "; give a PEM file that this process may read"};
  }
  text = std::move(content).str();
  return Done{};
}

}  // namespace

Result<TlsIdentity> TlsFiles::Read() const {
  TlsIdentity identity;
  for (const auto& [flag, path, text] : {std::tuple("--tls-cert", &certificate, &identity.certificate),
                                         std::tuple("--tls-key", &key, &identity.key),
                                         std::tuple("--tls-ca", &authorities, &identity.authorities)}) {
    if (const Status<> read = ReadFile(flag, *path, *text); !read) return read.error();
  }
  if (const Status<> readable = CheckReadable(identity); !readable) {
    return Fault{readable.error().message + " (--tls-cert \"" + certificate + "\", --tls-key \"" + key +
                 "\", --tls-ca \"" + authorities + "\")"};
  }
  return identity;
}

}  // namespace tollgate::snapshot
