#include "tests/cluster/cluster.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

constexpr int kPushPort = 9443;

// A part of an object's condition, by kubectl.
std::string OfCondition(const std::string& kind, const std::string& space, const std::string& name,
                        const std::string& type, const std::string& fields) {
  return Kubectl("get " + kind + " -n " + space + " " + name +
                 " -o jsonpath='{range .status.conditions[?(@.type==\"" + type + "\")]}" + fields + "{end}'")
      .out;
}

}  // namespace

Outcome Kubectl(const std::string& arguments, const std::string& input) {
  static const kit::TempFolder scratch;
  scratch.Write("input", input);
  return kit::RunCommand("{ kubectl " + arguments + "; } < " + (scratch / "input") + " 2>&1");
}

Installation::Installation() {
  const std::string crds = kit::SourcePath("crds");
  said = Kubectl("apply -f " + crds).out;
  Kubectl(
      "wait --for=condition=Established --timeout=30s crd/gatewayroutes.tollgate.dev "
      "crd/apiplans.tollgate.dev");
  for (const char* space : {"market", "other"}) Kubectl(std::string("create namespace ") + space);
}

Installation::~Installation() = default;

bool Installation::StartController() {
  std::filesystem::remove(folder_ / "controller.ports");
  controller_ = std::make_unique<kit::Process>(std::vector<std::string>{
      kit::ProgramPath("tollgate-controller"), std::string("--kubeconfig=") + std::getenv("KUBECONFIG"),
      "--namespaces=*", std::string("--push-address=") + kControllerAddress + ":" + std::to_string(kPushPort),
      std::string("--push-names=") + kControllerAddress,
      std::string("--metrics-address=") + kControllerAddress + ":9090",
      "--port-file=" + (folder_ / "controller.ports")});
  return !kit::AwaitPorts(folder_ / "controller.ports", *controller_).empty() && FetchPushFiles();
}

bool Installation::FetchPushFiles() {
  return kit::Eventually([&] {
    for (const char* file : {"ca.crt", "tls.crt", "tls.key"}) {
      std::string path = file;
      path.replace(path.find('.'), 1, "\\.");
      const Outcome secret =
          Kubectl("get secret tollgate-push-client -o jsonpath='{.data." + path + "}' | base64 -d");
      if (secret.out.find("-----BEGIN") == std::string::npos) return false;
      folder_.Write(file, secret.out);
    }
    return true;
  });
}

bool Installation::StartProxy(int number) {
  const std::string name = std::to_string(number);
  std::filesystem::remove(folder_ / ("proxy-" + name + ".ports"));
  std::vector<std::string> command = {kit::ProgramPath("tollgate-proxy"),
                                      "--http-address=" + ProxyAddress(number) + ":8080",
                                      "--https-address=" + ProxyAddress(number) + ":8443",
                                      "--metrics-address=" + ProxyAddress(number) + ":9090",
                                      "--proxy-name=proxy-" + name,
                                      "--state-dir=" + (folder_ / ("state-" + name)),
                                      "--access-log=" + (folder_ / ("access-" + name + ".log")),
                                      "--tls-ca=" + (folder_ / "ca.crt"),
                                      "--tls-cert=" + (folder_ / "tls.crt"),
                                      "--tls-key=" + (folder_ / "tls.key"),
                                      "--port-file=" + (folder_ / ("proxy-" + name + ".ports"))};
  command.push_back(std::string("--controller=") + kControllerAddress + ":" + std::to_string(kPushPort));
  command.insert(command.end(), proxy_flags.begin(), proxy_flags.end());
  proxies_[number] = std::make_unique<kit::Process>(command);
  return !kit::AwaitPorts(folder_ / ("proxy-" + name + ".ports"), *proxies_[number]).empty();
}

bool Installation::StartUpstream(const std::string& name) {
  const auto known = upstreams_.find(name);
  const std::string address =
      known != upstreams_.end() ? known->second.first : "10.250.0." + std::to_string(40 + upstreams_.size());
  std::filesystem::remove(folder_ / (name + ".ports"));
  auto process = std::make_unique<kit::Process>(std::vector<std::string>{
      kit::ProgramPath("tollgate-echo"), "--address=" + address + ":9000", "--name=" + name,
      "--log=" + (folder_ / (name + ".log")), "--port-file=" + (folder_ / (name + ".ports"))});
  const bool started = !kit::AwaitPorts(folder_ / (name + ".ports"), *process).empty();
  upstreams_[name] = {address, std::move(process)};
  return started;
}

void Installation::StopUpstream(const std::string& name) { upstreams_.at(name).second.reset(); }

bool Installation::Apply(const std::string& yaml) {
  const Outcome applied = Kubectl("apply -f -", yaml);
  said = applied.out;
  return applied.code == 0;
}

bool Installation::ApplyService(const std::string& space, const std::string& name,
                                const std::vector<std::string>& upstreams) {
  std::string endpoints;
  for (const std::string& upstream : upstreams) {
    endpoints += "- addresses: [" + upstreams_[upstream].first + "]\n  conditions: {ready: true}\n";
  }
  return Apply("apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: " + space +
               "}\nspec: {ports: [{name: http, port: 80}]}\n---\n"
               "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " +
               name + "-1, namespace: " + space + ", labels: {kubernetes.io/service-name: " + name +
               "}}\naddressType: IPv4\nports: [{name: http, port: 9000}]\nendpoints:" +
               (endpoints.empty() ? " []\n" : "\n" + endpoints));
}

kit::HttpAnswer Installation::Send(int proxy, const std::string& method, const std::string& host,
                                   const std::string& target, const std::vector<std::string>& headers) {
  kit::HttpRequest request;
  request.method = method;
  request.target = target;
  request.headers = headers;
  request.headers.push_back("Host: " + host);
  kit::HttpAnswer answer = kit::HttpClient(ProxyAddress(proxy), 8080).Send(request);
  if (answer.status != 0) ++answers_[proxy];
  return answer;
}

int Installation::Answers(int proxy) const {
  const auto found = answers_.find(proxy);
  return found == answers_.end() ? 0 : found->second;
}

std::string Installation::Journal(int proxy) const {
  return folder_.Read("state-" + std::to_string(proxy) + "/snapshot.journal");
}

bool Installation::Ready(int proxy) {
  kit::HttpClient client(ProxyAddress(proxy), 9090);
  return client.Get("/readyz").status == 200;
}

std::string Installation::Condition(const std::string& kind, const std::string& space,
                                    const std::string& name, const std::string& type) {
  return OfCondition(kind, space, name, type, "{.status}/{.reason}");
}

std::string Installation::ConditionMessage(const std::string& kind, const std::string& space,
                                           const std::string& name, const std::string& type) {
  return OfCondition(kind, space, name, type, "{.message}");
}

}  // namespace tollgate::cluster
