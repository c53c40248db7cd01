#include "controller/compile/header_edits.h"

#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

bool IsEmpty(const resource::HeaderEdits& edits) { return edits.remove.empty() && edits.set.empty(); }

api::HeaderEdits CompileEdits(const resource::HeaderEdits& edits) {
  api::HeaderEdits compiled;
  for (const std::string& name : edits.remove) compiled.add_remove(LowerCase(name));
  for (const resource::HeaderValue& header : edits.set) {
    api::HeaderValue& value = *compiled.add_set();
    value.set_name(header.name);
    value.set_value(header.value);
  }
  return compiled;
}

}  // namespace

void AddHeaderEdits(const resource::Rule& rule, api::Rule& compiled) {
  if (!IsEmpty(rule.request_headers)) {
    *compiled.mutable_request_headers() = CompileEdits(rule.request_headers);
  }
  if (!IsEmpty(rule.response_headers)) {
    *compiled.mutable_response_headers() = CompileEdits(rule.response_headers);
  }
  for (const resource::Coding coding : rule.compress) {
    compiled.add_compress(coding == resource::Coding::kBrotli ? api::BROTLI
                          : coding == resource::Coding::kGzip ? api::GZIP
                                                              : api::ZSTD);
  }
  compiled.set_hide_upstream_headers(!rule.upstream_headers);
}

}  // namespace tollgate::compile
