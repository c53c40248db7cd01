#include "proxy/net/trace_flags.h"

#include <charconv>
#include <fstream>
#include <iterator>

namespace tollgate::net {
namespace {

// From 0 to 1; nothing for what is none.
std::optional<double> ReadRatio(const std::string& text) {
  double ratio = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, ratio, std::chars_format::fixed);
  const bool sound = error == std::errc() && read == end && ratio >= 0 && ratio <= 1;
  return sound ? std::optional(ratio) : std::nullopt;
}

Result<std::string> ReadAuthorities(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string pem{std::istreambuf_iterator<char>(file), {}};
  if (file && !pem.empty()) return pem;
  return Fault{"--trace-ca \"" + path + "\" cannot be read, or is empty; give a PEM file of authorities"};
}

}  // namespace

void TraceFlags::AddTo(FlagSet& set) {
  set.Add(
      "trace-endpoint", endpoint,
      "OpenTelemetry collector that spans go to, by OTLP over HTTP: http://HOST:4318 or https://HOST, with "
      "a path where it is not /v1/traces; empty: no spans are written, and trace headers go through "
      "untouched");
  set.Add("trace-ca", ca_file,
          "PEM file of the authorities that the collector's certificate is of; empty: those of the system");
  set.Add(
      "trace-ratio", ratio,
      "Which part of the requests whose caller has not decided is traced: 0 to 1; who comes with a trace of "
      "his own has decided");
}

Result<std::optional<observe::TraceOptions>> ReadTraceFlags(const TraceFlags& flags,
                                                            const std::string& instance) {
  const std::optional<double> ratio = ReadRatio(flags.ratio);
  if (!ratio) {
    return Fault{"--trace-ratio \"" + flags.ratio +
                 "\" is no part of the requests; write a number from 0 to 1, such as 0.1"};
  }
  if (flags.endpoint.empty()) {
    if (flags.ca_file.empty()) return std::optional<observe::TraceOptions>();
    return Fault{"--trace-ca is given, but no --trace-endpoint; name the collector, or leave it out"};
  }
  observe::TraceOptions options;
  auto collector = observe::CollectorAddress::Parse(flags.endpoint);
  if (!collector.ok()) return Fault{"--trace-endpoint " + collector.error().message};
  options.collector = *std::move(collector);
  options.ratio = *ratio;
  options.instance = instance;
  if (flags.ca_file.empty()) return std::optional(std::move(options));
  if (!options.collector.secure) {
    return Fault{
        "--trace-ca is given, but --trace-endpoint is no https address; write https://, or leave it out"};
  }
  const Result<std::string> authorities = ReadAuthorities(flags.ca_file);
  if (!authorities.ok()) return authorities.error();
  options.authorities = *authorities;
  return std::optional(std::move(options));
}

}  // namespace tollgate::net
