#!/usr/bin/env bash
# Sourced by hack/run.sh --kubernetes: controller and two proxies on a real kube-apiserver and etcd, in a network
# of their own, with two Redis servers between them and the objects of examples/quickstart/ applied by kubectl.
# shellcheck disable=SC2154,SC2034  # "state" and "at_end" are those of children.sh, "programs" that of run.sh

in_cluster() { hack/kubernetes.sh exec --state "$state/kubernetes" "$@"; }

# Waits for a Secret of the controller's and writes the three files that proxies show and trust.
fetch_push_files() {
  local file key
  for _ in $(seq 1 100); do
    in_cluster kubectl get secret tollgate-push-client >/dev/null 2>&1 && break
    sleep 0.1
  done
  for file in ca.crt tls.crt tls.key; do
    key=${file/./\\.}
    (umask 077 && in_cluster kubectl get secret tollgate-push-client -o "jsonpath={.data.$key}" | base64 -d >"$state/$file")
  done
}

# No kubelet and no controllers run here: the endpoints of the example's Service, and of the proxies' own, by which
# each knows how many they are, are written by hand.
endpoint_slices() {
  cat <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: quotes-1, namespace: market, labels: {kubernetes.io/service-name: quotes}}
addressType: IPv4
ports: [{name: http, port: 9000}]
endpoints: [{addresses: [10.250.0.30], conditions: {ready: true}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: proxies-1, namespace: default, labels: {kubernetes.io/service-name: proxies}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- {addresses: [10.250.0.21], conditions: {ready: true}}
- {addresses: [10.250.0.22], conditions: {ready: true}}
YAML
}

# start_redis NAME ADDRESS FLAG…: it knows no --port-file, and is there when it answers.
start_redis() {
  local name=$1 address=$2
  shift 2
  mkdir -p "$state/$name"
  launch hack/kubernetes.sh exec --state "$state/kubernetes" \
    redis-server --bind "$address" --protected-mode no --dir "$state/$name" \
    --loglevel warning --save "" "$@"
  await_child "$name" redis_answers "$address"
}

redis_answers() { [[ $(in_cluster redis-cli -h "$1" ping 2>/dev/null) == PONG ]]; }

run_cluster() {
  local number proxy
  hack/kubernetes.sh build
  at_end=(hack/kubernetes.sh stop --state "$state/kubernetes")
  hack/kubernetes.sh start --state "$state/kubernetes"
  in_cluster kubectl apply -f crds
  in_cluster kubectl wait --for=condition=Established crd --all >/dev/null
  in_cluster kubectl create namespace market
  in_cluster kubectl apply -f examples/quickstart/
  endpoint_slices | in_cluster kubectl apply -f -
  local inside=(hack/kubernetes.sh exec --state "$state/kubernetes")
  start_redis limits 10.250.0.50 --appendonly yes --maxmemory-policy noeviction
  start_redis cache 10.250.0.51 --maxmemory 64mb --maxmemory-policy allkeys-lfu
  start upstream "${inside[@]}" "$programs"/tollgate-echo --address 10.250.0.30:9000 --name quotes
  start controller "${inside[@]}" "$programs"/tollgate-controller \
    --kubeconfig "$state/kubernetes/admin.kubeconfig" --namespaces '*' --push-address 10.250.0.10:9443 --push-names 10.250.0.10 --metrics-address 10.250.0.10:9090 \
    --proxy-service default/proxies
  fetch_push_files
  for number in 1 2; do
    proxy=10.250.0.2$number
    start "proxy-$number" "${inside[@]}" "$programs"/tollgate-proxy --http-address "$proxy:8080" --https-address "$proxy:8443" \
      --metrics-address "$proxy:9090" --proxy-name "proxy-$number" --controller 10.250.0.10:9443 \
      --tls-ca "$state/ca.crt" --tls-cert "$state/tls.crt" --tls-key "$state/tls.key" \
      --limits-store redis://10.250.0.50 --cache-store redis://10.250.0.51 \
      --state-dir "$state/state-$number" --access-log "$state/access-$number.log"
  done
  in_cluster kubectl wait --for=condition=Programmed --timeout=30s -n market gatewayroute --all
  cat <<TEXT

Tollgate runs on a Kubernetes API: a controller, two proxies, and two Redis servers. Its network is its own, so enter
it for each command, in another terminal, from this folder:

  in="hack/kubernetes.sh exec --state $state/kubernetes"
  # with alice's key (plan free), by the first proxy: 200
  \$in curl -i http://10.250.0.21:8080/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # without a key, by the second: 401
  \$in curl -i http://10.250.0.22:8080/v1/quotes/ACME -H 'Host: api.example.com'
  # the second answers what the first has stored (Cache-Status: tollgate; hit), and counts on where the first stopped: 200
  \$in curl -i http://10.250.0.22:8080/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # what is counted
  \$in redis-cli -h 10.250.0.50 keys '*'
  # what Tollgate says of its objects
  \$in kubectl get gwr,aplan -n market
  \$in kubectl describe gwr quotes -n market
  # a route that needs no key: 200
  \$in curl -i http://10.250.0.21:8080/status -H 'Host: api.example.com'
  # an edit, live in both proxies at once
  \$in kubectl delete gwr status -n market
  # that route is gone: 404
  \$in curl -i http://10.250.0.21:8080/status -H 'Host: api.example.com'

  metrics     http://10.250.0.10:9090/metrics (controller), http://10.250.0.21:9090/metrics (proxy)
  access log  $state/access-1.log

Ctrl-C stops everything.
TEXT
  await_end
}
