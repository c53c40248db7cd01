# shellcheck shell=bash
#
# The settings files of a node's servers, in STATE/node. Sourced by kubernetes.sh.

write_node_settings() {
  mkdir -p "$STATE/node/cni"
  printf 'nameserver %s\n' "$DNS_ADDRESS" >"$STATE/node/resolv.conf"
  write_containerd_settings
  write_pod_network
  write_kubelet_settings
  write_kube_proxy_settings
}

# A container without CAP_SYS_RESOURCE may not lower its OOM score. CoreDNS listens on port 53 as a user
# who is not root.
write_containerd_settings() {
  cat >"$STATE/node/containerd.toml" <<TOML
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$STATE/node/cni"
TOML
}

# A link to each pod and no bridge: all of a pod's packets pass the node's own rules, so a Service works
# between two pods without the kernel's bridge filter, which not every machine has.
write_pod_network() {
  cat >"$STATE/node/cni/pods.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "$POD_RANGE"}]],
                           "routes": [{"dst": "0.0.0.0/0"}]}}]}
JSON
}

# The cgroup driver is the plain one: no systemd runs in here. On cgroup v1 the kubelet has to be told
# that this is meant. A disk of the host that is nearly full is none of the cluster's business.
write_kubelet_settings() {
  cat >"$STATE/node/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_ADDRESS
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $STATE/pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $STATE/pki/kubelet-server.crt
tlsPrivateKeyFile: $STATE/pki/kubelet-server.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$(cgroup_name)
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
clusterDomain: cluster.local
clusterDNS: [$DNS_ADDRESS]
resolvConf: $STATE/node/resolv.conf
evictionHard: {memory.available: 100Mi, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%}
imageGCHighThresholdPercent: 100
volumePluginDir: /var/lib/kubelet/volume-plugins
YAML
}

# The table of connections is the whole machine's: its size stays as it is.
write_kube_proxy_settings() {
  cat >"$STATE/node/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $STATE/pki/kube-proxy.kubeconfig}
mode: iptables
clusterCIDR: $POD_RANGE
hostnameOverride: $NODE_NAME
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
oomScoreAdj: 0
YAML
}
