// A whole installation in a Kubernetes API of its own: CRDs, a controller, proxies, upstreams, each a process
// of its own with an address of its own. The program runs inside the cluster's network (run.sh). One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/kit/command.h"
#include "tests/kit/http_client.h"
#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::cluster {

using kit::Outcome;

Outcome Kubectl(const std::string& arguments, const std::string& input = {});

class Installation {
 public:
  Installation();
  ~Installation();

  // A program in the network; proxies are numbered from 1, at 10.250.0.20 + number.
  bool StartController();
  bool StartProxy(int number);
  bool StartUpstream(const std::string& name);  // again at the address that it had
  void StopUpstream(const std::string& name);
  kit::Process& controller() { return *controller_; }
  kit::Process& proxy(int number) { return *proxies_[number]; }

  static constexpr char kControllerAddress[] = "10.250.0.10";
  static std::string ProxyAddress(int number) { return "10.250.0." + std::to_string(20 + number); }
  // On a connection of its own.
  kit::HttpAnswer Send(int proxy, const std::string& method, const std::string& host,
                       const std::string& target, const std::vector<std::string>& headers = {});
  kit::HttpAnswer Get(int proxy, const std::string& host, const std::string& target,
                      const std::vector<std::string>& headers = {}) {
    return Send(proxy, "GET", host, target, headers);
  }
  // How often a proxy answered the two above.
  int Answers(int proxy) const;
  bool Ready(int proxy);

  // Applies YAML; false where kubectl refused (what it said is in `said`).
  bool Apply(const std::string& yaml);
  std::string said;
  // Given to every proxy that is started.
  std::vector<std::string> proxy_flags;

  // A Service with the upstreams named as its endpoints.
  bool ApplyService(const std::string& space, const std::string& name,
                    const std::vector<std::string>& upstreams);
  // What a proxy has on disk for a restart, as bytes.
  std::string Journal(int proxy) const;
  std::string AccessLog(int proxy) const { return folder_.Read("access-" + std::to_string(proxy) + ".log"); }
  std::string UpstreamLog(const std::string& name) const { return folder_.Read(name + ".log"); }
  std::string ControllerSaid() const { return controller_ ? controller_->Stderr() : ""; }

  // "True/Programmed" of an object's condition, or "".
  static std::string Condition(const std::string& kind, const std::string& space, const std::string& name,
                               const std::string& type);
  static std::string ConditionMessage(const std::string& kind, const std::string& space,
                                      const std::string& name, const std::string& type);

 private:
  bool FetchPushFiles();

  kit::TempFolder folder_;
  std::unique_ptr<kit::Process> controller_;
  std::map<int, std::unique_ptr<kit::Process>> proxies_;
  std::map<int, int> answers_;  // by proxy
  std::map<std::string, std::pair<std::string, std::unique_ptr<kit::Process>>>
      upstreams_;  // address, process
};

}  // namespace tollgate::cluster
