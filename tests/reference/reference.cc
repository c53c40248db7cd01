// Prints the parts of docs/reference that stand in tables in the code, as Markdown; hack/reference.sh runs
// it.
//   tollgate-reference problems
//   tollgate-reference metrics < TEXT      TEXT: what a gateway that has just started shows at /metrics

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "controller/admin/controller_metrics.h"
#include "proxy/exchange/problem.h"
#include "proxy/observe/core_metrics.h"
#include "proxy/observe/exposition.h"

namespace tollgate {
namespace {

struct Metric {
  std::string help;
  std::string type;
  std::vector<std::string> labels;  // in the order in which they are written
};

using Metrics = std::map<std::string, Metric>;

// The labels of a series: name{a="…",b="…"} value. No value here holds a quote.
std::vector<std::string> LabelsOf(const std::string& series) {
  std::vector<std::string> labels;
  const size_t end = std::min(series.find('}'), series.size());
  size_t begin = series.find('{');
  while (begin < end) {
    const size_t equals = series.find("=\"", begin);
    if (equals >= end) break;
    labels.push_back(series.substr(begin + 1, equals - begin - 1));
    begin = series.find(',', series.find('"', equals + 2));
  }
  // The bounds of a histogram's buckets are its own.
  std::erase(labels, "le");
  return labels;
}

// Reads the text exposition format: a family's HELP and TYPE, then its series.
void Read(const std::string& text, Metrics& metrics) {
  std::istringstream lines(text);
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string kind;
    if (!line.starts_with('#')) {
      if (metrics[family].labels.empty()) metrics[family].labels = LabelsOf(line);
      continue;
    }
    words >> hash >> kind >> family >> std::ws;
    std::string rest;
    std::getline(words, rest);
    (kind == "HELP" ? metrics[family].help : metrics[family].type) = rest;
  }
}

void Print(const Metrics& metrics) {
  std::puts("| metric | type | labels | meaning |\n| --- | --- | --- | --- |");
  for (const auto& [name, metric] : metrics) {
    std::string labels;
    for (const std::string& label : metric.labels) labels += (labels.empty() ? "`" : ", `") + label + "`";
    std::printf("| `%s` | %s | %s | %s |\n", name.c_str(), metric.type.c_str(), labels.c_str(),
                metric.help.c_str());
  }
}

Metrics ProxyMetrics(const std::string& scraped) {
  Metrics metrics;
  // What a gateway shows only once it happened.
  observe::CoreMetrics core;
  core.ObserveStore(observe::Store::kLimits, std::chrono::milliseconds(1));
  observe::Totals totals;
  core.MergeInto(totals);
  Read(observe::ExposeMetrics(totals, {}), metrics);
  for (const observe::CounterRow& row : observe::CounterRows()) {
    metrics["tollgate_" + std::string(row.name)].labels.assign(row.labels.begin(), row.labels.end());
  }
  Read(scraped, metrics);
  return metrics;
}

Metrics ControllerMetrics() {
  admin::ControllerFigures figures;
  figures.watch_age_seconds["GatewayRoute"] = 1;
  figures.objects[{"GatewayRoute", "Accepted"}] = 1;
  Metrics metrics;
  Read(admin::ControllerMetrics().Expose(figures), metrics);
  return metrics;
}

void PrintProblems() {
  std::puts("| type | status | gRPC | may be tried again | title |\n| --- | --- | --- | --- | --- |");
  for (size_t i = 0; i <= static_cast<size_t>(exchange::Problem::kDraining); ++i) {
    const exchange::ProblemRow& row = exchange::RowOf(static_cast<exchange::Problem>(i));
    const std::string slug(row.slug);
    std::printf("| [%s](../problems/%s.md) | %d | %d | %s | %s |\n", slug.c_str(), slug.c_str(), row.status,
                row.grpc_status, row.retryable ? "yes" : "no", std::string(row.title).c_str());
  }
}

void PrintMetrics() {
  const std::string scraped{std::istreambuf_iterator<char>(std::cin), {}};
  std::puts("## Of a proxy, and of `tollgatectl run`\n");
  Print(ProxyMetrics(scraped));
  std::puts("\n## Of the controller\n");
  Print(ControllerMetrics());
}

}  // namespace
}  // namespace tollgate

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "problems") tollgate::PrintProblems();
  if (what == "metrics") tollgate::PrintMetrics();
  const bool known = what == "problems" || what == "metrics";
  if (!known) std::fputs("usage: tollgate-reference problems|metrics\n", stderr);
  return known ? 0 : 2;
}
