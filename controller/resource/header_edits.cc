#include "controller/resource/header_edits.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

namespace {

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

}  // namespace

HeaderEdits ReadHeaderEdits(const json& block) {
  const json& headers = ObjectAt(block, "headers");
  HeaderEdits edits{TextList(headers, "remove"), {}};
  for (const json& header : ListAt(headers, "set")) {
    edits.set.push_back({Text(header, "name"), Text(header, "value")});
  }
  return edits;
}

std::vector<Coding> ReadCompress(const json& response) {
  std::vector<Coding> codings;
  for (const std::string& word : TextList(response, "compress")) {
    if (word == "Brotli") codings.push_back(Coding::kBrotli);
    if (word == "Gzip") codings.push_back(Coding::kGzip);
    if (word == "Zstd") codings.push_back(Coding::kZstd);
  }
  return codings;
}

Broken HeaderOfRequestsIsFree(const json& name) {
  static const RE2 kGateways(
      "(?i)^(host|via|forwarded|connection|te|trailer|upgrade|expect|keep-alive|"
      "content[-_]length|transfer[-_]encoding|proxy[-_](authorization|authenticate|connection)|"
      "x[-_]request[-_]id|x[-_]forwarded[-_](for|host|proto)|x[-_]tollgate[-_].*)$");
  return Unless(!RE2::PartialMatch(name.get_ref<const std::string&>(), kGateways));
}

Broken OnlyUpstreamsHaveHeads(const json& rule) {
  const bool is_upstream = OptionalText(rule, "type").value_or("Upstream") == "Upstream";
  return Unless(is_upstream ||
                (!Has(rule, "request") && !Has(ObjectAt(rule, "response"), "upstreamHeaders")));
}

}  // namespace tollgate::resource
