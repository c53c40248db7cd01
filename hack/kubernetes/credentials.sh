# shellcheck shell=bash
#
# The cluster's certificates, its key for service account tokens, and the administrator's kubeconfig.
# Sourced by kubernetes.sh.

# For the life of a test machine. Nothing trusts these but the cluster whose folder they lie in.
readonly CERTIFICATE_DAYS=3650

# The kubeconfig comes last: where it is, everything is, and a kept folder goes on with what it has.
make_credentials() {
  [[ -s $STATE/admin.kubeconfig ]] && return
  mkdir -p "$STATE/pki"
  write_openssl_config
  local log=$STATE/log/credentials.log
  { make_keys && { ! is_node || make_node_credentials; } && make_kubeconfig; } >"$log" 2>&1 ||
    fail "cannot make certificates" "$(last_line "$log")" "see $log; openssl 3.0 or newer is needed"
}

# Extensions as strict clients want them (key usage, key identifiers). The machine's own openssl.cnf
# must not add to them.
write_openssl_config() {
  cat >"$STATE/pki/openssl.cnf" <<CONFIG
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, IP:127.0.0.1, IP:$NODE_ADDRESS, IP:$SERVICE_ADDRESS
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
}

make_keys() {
  local ca=(-CA "$STATE/pki/ca.crt" -CAkey "$STATE/pki/ca.key")
  make_certificate ca ca /CN=tollgate-test-ca &&
    make_certificate apiserver server /CN=kube-apiserver "${ca[@]}" &&
    make_certificate admin client /O=system:masters/CN=admin "${ca[@]}" &&
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$STATE/pki/service-account.key" &&
    openssl pkey -in "$STATE/pki/service-account.key" -pubout -out "$STATE/pki/service-account.pub"
}

# make_certificate NAME EXTENSIONS SUBJECT [OPTION...]: pki/NAME.crt and pki/NAME.key, self-signed
# unless the options name an authority.
make_certificate() {
  local name=$1 extensions=$2 subject=$3
  shift 3
  openssl req -x509 -config "$STATE/pki/openssl.cnf" -extensions "$extensions" -subj "$subject" \
    -days "$CERTIFICATE_DAYS" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$STATE/pki/$name.key" -out "$STATE/pki/$name.crt" "$@"
}

# Each server of a node is who it is in any cluster, so that RBAC holds for it. The kubelet serves too:
# kube-apiserver asks it for logs and commands.
make_node_credentials() {
  local ca=(-CA "$STATE/pki/ca.crt" -CAkey "$STATE/pki/ca.key") name
  make_certificate kubelet-server server /CN=kubelet "${ca[@]}" &&
    make_certificate kubelet-client client /O=system:masters/CN=kube-apiserver-kubelet-client "${ca[@]}" &&
    make_server_login kubelet "/O=system:nodes/CN=system:node:$NODE_NAME" "${ca[@]}" || return
  for name in kube-controller-manager kube-scheduler kube-proxy; do
    make_server_login "$name" "/CN=system:$name" "${ca[@]}" || return
  done
}

# make_server_login NAME SUBJECT OPTION...: its certificate, and pki/NAME.kubeconfig.
make_server_login() {
  local name=$1 subject=$2
  shift 2
  make_certificate "$name" client "$subject" "$@" || return
  cat >"$STATE/pki/$name.kubeconfig" <<YAML
{apiVersion: v1, kind: Config, current-context: node,
 contexts: [{name: node, context: {cluster: node, user: $name}}],
 clusters: [{name: node, cluster: {server: "https://$NODE_ADDRESS:6443", certificate-authority: $STATE/pki/ca.crt}}],
 users: [{name: $name, user: {client-certificate: $STATE/pki/$name.crt, client-key: $STATE/pki/$name.key}}]}
YAML
}

# Certificates are embedded, so that a test can hand the one file to anything.
make_kubeconfig() {
  local file=$STATE/admin.kubeconfig.new
  local config=("$BIN/kubectl" --kubeconfig "$file" config)
  rm -f "$file"
  "${config[@]}" set-cluster test --embed-certs --server="https://$NODE_ADDRESS:6443" \
    --certificate-authority="$STATE/pki/ca.crt" &&
    "${config[@]}" set-credentials admin --embed-certs \
      --client-certificate="$STATE/pki/admin.crt" --client-key="$STATE/pki/admin.key" &&
    "${config[@]}" set-context test --cluster=test --user=admin &&
    "${config[@]}" use-context test &&
    mv "$file" "$STATE/admin.kubeconfig"
}
