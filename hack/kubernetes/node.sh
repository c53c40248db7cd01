# shellcheck shell=bash
#
# A whole node: what start and stop do for it beyond the API, and load. Sourced by kubernetes.sh.

readonly PAUSE_IMAGE=localhost/pause:node
readonly DNS_IMAGE=localhost/coredns:node
readonly NODE_IMAGES=$TOOLS_CACHE/images

# From nothing: Tollgate, its images, the cluster's binaries, and a node that has them all.
bring_up_node() {
  require_root
  as_caller "$PROJECT/hack/images.sh" || fail "no images" "hack/images.sh failed, see above" "mend that, then run this again"
  build_binaries true
  start_cluster true
  local folder=${FOLDER:+ --state $STATE} sudo=
  ! by_sudo || sudo="sudo "
  cat <<TEXT

A whole node runs. Install Tollgate, and see what it does:

  in="${sudo}hack/kubernetes.sh exec$folder"
  \$in kubectl create namespace market
  \$in helm install tollgate charts/tollgate --namespace tollgate-system --create-namespace \\
    --set 'controller.namespaces={market}' --wait
  \$in kubectl apply -f examples/quickstart/
  \$in kubectl get gwr,aplan -n market

README.md goes on from there ("A tour on a cluster"). To end it: ${sudo}hack/kubernetes.sh stop$folder
TEXT
}

require_root() {
  ((EUID == 0)) || fail "cannot start a node" "it needs cgroups and mounts" "run as root, or by sudo: sudo hack/kubernetes.sh ..."
}

require_node_programs() {
  require_commands containerd containerd-shim-runc-v2 ctr hostname iptables mount pivot_root runc umount
  [[ -x /usr/lib/cni/ptp ]] ||
    fail "cannot start a node" "/usr/lib/cni/ptp is not there" "install what hack/packages.txt lists"
}

# Before the namespaces are made. Of a node that crashed, nothing is taken over.
prepare_node() {
  rm -rf -- "$STATE/root"
  write_node_settings
  make_cgroups
}

# start_node: the rest of a node, beside an etcd and a kube-apiserver that start.
start_node() {
  local name
  launch_server containerd
  await_server containerd
  # Before there are pods: one whose image is not there would wait for a pull that cannot be.
  load_images "$NODE_IMAGES"/*.tar
  load_project_images
  await_server kube-apiserver
  retire_last_node
  for name in "${NODE_SERVERS[@]}"; do launch_server "$name"; done
  install_dns
  for name in "${NODE_SERVERS[@]}"; do await_server "$name"; done
  await_objects "the node is not Ready" kubelet wait --for=create --for=condition=Ready "node/$NODE_NAME"
  await_objects "CoreDNS is not ready" kubelet --namespace=kube-system rollout status deployment/coredns
}

# A kept cluster gets a new node. What the last one ran is gone, and the API would call it Running, on a
# node that is Ready, until somebody noticed.
retire_last_node() {
  local log=$STATE/log/retire.log
  { administer delete node "$NODE_NAME" --ignore-not-found &&
    administer delete pods --all --all-namespaces --force --grace-period=0; } >"$log" 2>&1 ||
    fail "cannot retire the last node" "$(last_line "$log")" "start in a new folder, named by --state"
}

install_dns() {
  sed -e "s|DNS_IMAGE|$DNS_IMAGE|" -e "s|DNS_ADDRESS|$DNS_ADDRESS|" "$PARTS/coredns/coredns.yaml" |
    administer apply --filename=- >"$STATE/log/coredns.log" 2>&1 ||
    fail "cannot install CoreDNS" "$(last_line "$STATE/log/coredns.log")" "see $STATE/log"
}

# await_objects COMPLAINT SERVER KUBECTL-ARGUMENT...: two minutes, as for a server.
await_objects() {
  local complaint=$1 server=$2 answer
  shift 2
  answer=$(administer "$@" --timeout=120s 2>&1) ||
    fail "$complaint after 120 s" "${answer##*$'\n'}" "see $STATE/log/$server.log"
}

# administer KUBECTL-ARGUMENT...
administer() {
  KUBECACHEDIR=$STATE/kubectl-cache in_network "$BIN/kubectl" --kubeconfig="$STATE/admin.kubeconfig" "$@"
}

# in_node COMMAND...: in the node's network and file system.
in_node() { nsenter --target "$HOLDER" --net --mount -- "$@"; }

# load_images FILE...: into the node's containerd, where the kubelet finds them.
load_images() {
  local file answer
  for file in "$@"; do
    [[ -r $file ]] || fail "cannot load $file" "it cannot be read" "make it by hack/images.sh"
    answer=$(in_node ctr --namespace k8s.io images import - <"$file" 2>&1) ||
      fail "cannot load $file" "${answer##*$'\n'}" "is it an image's tar? hack/images.sh makes such"
    answer=${answer#unpacking }
    say "loaded ${answer%% *}"
  done
}

# What hack/images.sh has made by now; later ones come by the verb load.
load_project_images() {
  local tars=("$PROJECT"/build/images/*.tar)
  if [[ -e ${tars[0]} ]]; then
    warn_of_old_images "${tars[@]}"
    load_images "${tars[@]}"
  else
    say "no images in build/images yet: make them by hack/images.sh, then hack/kubernetes.sh load build/images/*.tar"
  fi
}

# An old proxy beside a new chart does not start, for reasons that are hard to find.
warn_of_old_images() {
  local tar program
  for tar in "$@"; do
    program=$PROJECT/build/release/bin/tollgate-$(basename "$tar" .tar)
    [[ ! $program -nt $tar ]] ||
      say "warning: $tar is older than what is built: run hack/images.sh, then hack/kubernetes.sh load it" >&2
  done
}

# pause holds a pod's namespaces; the kubelet cannot make a pod without it.
build_node_images() {
  local log=$TOOLS_CACHE/build-images.log
  mkdir -p "$NODE_IMAGES"
  { cc -static -O2 -s -o "$TOOLS/pause" "$PROJECT/hack/images/pause.c" &&
    write_node_image "$PAUSE_IMAGE" pause && write_node_image "$DNS_IMAGE" coredns; } >"$log" 2>&1 ||
    fail "cannot make the node's images" "$(last_line "$log")" "see $log; hack/setup.sh installs what is needed"
}

write_node_image() {
  python3 "$PROJECT/hack/images/write_image.py" --name "$1" --out "$NODE_IMAGES/$2.tar" "/usr/bin/$2=$TOOLS/$2"
}
