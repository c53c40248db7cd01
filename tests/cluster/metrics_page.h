// What a program tells at /metrics, and what promtool says of it. One thread.
#pragma once

#include <string>

namespace tollgate::cluster {

class MetricsPage {
 public:
  // Of the program at this address, on port 9090.
  explicit MetricsPage(const std::string& address);

  int status() const { return status_; }
  const std::string& text() const { return text_; }
  // Of one series, "tollgate_name{label=\"value\"}"; -1 where it is not told.
  double Value(const std::string& series) const;
  // Of all series of a name together.
  double Total(const std::string& name) const;
  // What `promtool check metrics` finds wrong, and the word of a shell that cannot run it; empty: nothing.
  std::string Complaints() const;

 private:
  int status_ = 0;
  std::string text_;
};

}  // namespace tollgate::cluster
