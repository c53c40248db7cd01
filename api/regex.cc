#include "api/regex.h"

namespace tollgate::api {
namespace {

re2::RE2::Options Terms() {
  re2::RE2::Options terms;
  terms.set_max_mem(kRegexBytes);
  terms.set_never_capture(true);  // what a group stood for is not used, and would make programs larger
  terms.set_log_errors(false);
  return terms;
}

}  // namespace

Result<Regex> Regex::Compile(std::string_view pattern) {
  auto program = std::make_unique<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), Terms());
  if (program->ok()) return Regex(std::move(program));
  if (program->error_code() == re2::RE2::ErrorPatternTooLarge) {
    return Fault{"takes more than " + std::to_string(kRegexBytes >> 10) +
                 " KiB as a program: repeat less in it, or divide it among several matches"};
  }
  return Fault{"is no regular expression that RE2 reads (" + program->error() + "): mend it"};
}

bool Regex::FitsWhole(std::string_view text) const {
  return program_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::ANCHOR_BOTH,
                         nullptr, 0);
}

}  // namespace tollgate::api
