#include "controller/resource/authorities.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <nlohmann/json.hpp>

#include "api/base/openssl_owned.h"
#include "controller/resource/json_access.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using openssl::NoPassphrase;
using openssl::Owned;

Authorities Unusable(const char* fault) { return {"", fault}; }

// Whether the reading ended since there was nothing more, and not at something that cannot be read.
bool ReachedEnd() {
  const bool reached = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  // What stays in the thread's error queue would be taken for another call's failure.
  ERR_clear_error();
  return reached;
}

std::string TextOf(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

Authorities ReadAuthorities(const std::map<std::string, std::string>& entries) {
  const auto entry = entries.find(kAuthoritiesEntry);
  if (entry == entries.end()) {
    return Unusable("it has no entry ca.crt: put the authorities' certificates there, in PEM form");
  }
  const Owned<BIO> reader = openssl::Reader(entry->second);
  const Owned<BIO> writer(BIO_new(BIO_s_mem()));
  while (const Owned<X509> certificate{PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)}) {
    PEM_write_bio_X509(writer.get(), certificate.get());
  }
  Authorities authorities{TextOf(writer.get()), ""};
  if (ReachedEnd() && !authorities.pem.empty()) return authorities;
  return Unusable("its ca.crt cannot be read: write the authorities' certificates in PEM form");
}

std::vector<AuthorityRef> ReadAuthorityRefs(const json& object) {
  using Kind = AuthorityRef::Kind;
  std::vector<AuthorityRef> refs;
  for (const json& item : ListAt(object, "caCertificateRefs")) {
    const auto kind =
        EnumAt<Kind>(item, "kind", {{"ConfigMap", Kind::kConfigMap}, {"Secret", Kind::kSecret}});
    refs.push_back({kind.value_or(Kind::kConfigMap), Text(item, "name")});
  }
  return refs;
}

ConfigMap ParseConfigMap(const json& object) {
  const json& data = ObjectAt(object, "data");
  std::map<std::string, std::string> entries;
  if (const auto text = OptionalText(data, kAuthoritiesEntry)) entries.emplace(kAuthoritiesEntry, *text);
  return {ParseMetadata(object), ReadAuthorities(entries)};
}

}  // namespace tollgate::resource
