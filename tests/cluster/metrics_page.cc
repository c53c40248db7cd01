#include "tests/cluster/metrics_page.h"

#include <cstdio>
#include <sstream>

#include "tests/kit/command.h"
#include "tests/kit/http_client.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::cluster {

MetricsPage::MetricsPage(const std::string& address) {
  const kit::HttpAnswer answer = kit::HttpClient(address, 9090).Get("/metrics");
  status_ = answer.status;
  text_ = answer.body;
}

double MetricsPage::Value(const std::string& series) const {
  std::istringstream lines(text_);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return -1;
}

double MetricsPage::Total(const std::string& name) const {
  double total = 0;
  std::istringstream lines(text_);
  for (std::string line; std::getline(lines, line);) {
    const bool is_of_it = line.starts_with(name + "{") || line.starts_with(name + " ");
    if (is_of_it) total += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return total;
}

std::string MetricsPage::Complaints() const {
  const kit::TempFolder folder;
  folder.Write("metrics", text_);
  const kit::Outcome judged = kit::RunCommand("promtool check metrics 2>&1 < " + (folder / "metrics"));
  if (judged.code == 0) return judged.out;
  return judged.out + "(promtool ended with status " + std::to_string(judged.code) + ")";
}

}  // namespace tollgate::cluster
