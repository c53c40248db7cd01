#include "controller/compile/own_answer.h"

#include <algorithm>

#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

// The one that no client keeps: a redirect that turns out to be wrong is over when it is taken back.
constexpr int kRedirectStatus = 302;
constexpr int kRespondStatus = 200;

// Without it browsers guess, and may take a text for a page with scripts.
constexpr char kContentType[] = "text/plain; charset=utf-8";

void AddHeader(const std::string& name, const std::string& value, api::Respond& compiled) {
  api::HeaderValue& header = *compiled.add_headers();
  header.set_name(name);
  header.set_value(value);
}

}  // namespace

api::Redirect CompileRedirect(const resource::Redirect& redirect) {
  api::Redirect compiled;
  compiled.set_scheme(redirect.scheme.value_or(""));
  compiled.set_host(redirect.host.value_or(""));
  compiled.set_path(redirect.path.value_or(""));
  compiled.set_status(static_cast<uint32_t>(redirect.status.value_or(kRedirectStatus)));
  return compiled;
}

api::Respond CompileRespond(const resource::Respond& respond) {
  api::Respond compiled;
  compiled.set_status(static_cast<uint32_t>(respond.status.value_or(kRespondStatus)));
  for (const resource::HeaderValue& header : respond.headers) AddHeader(header.name, header.value, compiled);
  const bool typed = std::any_of(respond.headers.begin(), respond.headers.end(),
                                 [](const auto& header) { return LowerCase(header.name) == "content-type"; });
  if (!typed && !respond.body.empty()) AddHeader("Content-Type", kContentType, compiled);
  compiled.set_body(respond.body);
  return compiled;
}

}  // namespace tollgate::compile
