#include "tests/kit/gateway.h"

#include <sstream>

namespace tollgate::kit {

Gateway& Gateway::Write(const std::string& name, const std::string& yaml) {
  manifests.Write(name, yaml);
  return *this;
}

Gateway& Gateway::WriteService(const std::string& space, const std::string& name, int port) {
  return Write("service-" + space + "-" + name + ".yaml", R"(
apiVersion: v1
kind: Service
metadata: {name: )" + name + ", namespace: " + space + R"(}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: )" + name + "-1, namespace: " + space + ", labels: {kubernetes.io/service-name: " +
                                                              name + R"(}}
addressType: IPv4
ports: [{name: http, port: )" + std::to_string(port) + R"(}]
endpoints: [{addresses: [127.0.0.1]}]
)");
}

bool Gateway::Start(const std::vector<std::string>& flags) {
  std::vector<std::string> command = {ProgramPath("tollgatectl"),
                                      "run",
                                      manifests.path(),
                                      "--http-address=127.0.0.1:0",
                                      "--https-address=127.0.0.1:0",
                                      "--metrics-address=127.0.0.1:0",
                                      "--access-log=" + (state_ / "access.log"),
                                      "--port-file=" + (state_ / "ports")};
  command.insert(command.end(), flags.begin(), flags.end());
  state_.Remove("ports");
  process_ = std::make_unique<Process>(command);
  ports_ = AwaitPorts(state_ / "ports", *process_);
  return !ports_.empty();
}

std::unique_ptr<Process> Gateway::Succeed(const std::vector<std::string>& flags) {
  std::unique_ptr<Process> before = std::move(process_);
  Start(flags);
  return before;
}

double Gateway::Metric(const std::string& series) {
  HttpClient client(metrics_port());
  std::istringstream text(client.Get("/metrics").body);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return -1;
}

std::string PublicRoute(const std::string& host, const std::string& service) {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: )" +
         service + R"(, namespace: test}
spec:
  hosts: [")" +
         host + R"("]
  access: Public
  rules:
  - name: all
    upstream: {targets: [{type: Service, serviceRef: {name: )" +
         service + R"(, port: http}}]}
)";
}

}  // namespace tollgate::kit
