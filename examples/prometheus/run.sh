#!/usr/bin/env bash
# A Prometheus that watches the Tollgate of a cluster, where pods can be reached: hack/kubernetes.sh exec
# examples/prometheus/run.sh [NAMESPACE]. Answers on 127.0.0.1:9090 until Ctrl-C; keeps nothing.
set -euo pipefail

namespace=${1:-tollgate-system}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
trap 'exit 0' INT TERM
cp "$here/prometheus.yaml" "$state"

write_targets() {
  kubectl get pods --namespace "$namespace" --selector 'app.kubernetes.io/component in (controller, proxy)' \
    --output "go-template-file=$here/targets.gotemplate" >"$state/targets.new"
  mv "$state/targets.new" "$state/targets.yaml"
}

write_targets
prometheus --config.file="$state/prometheus.yaml" --storage.tsdb.path="$state/data" \
  --web.listen-address=127.0.0.1:9090 --log.level=warn &
prometheus=$!
trap 'kill "$prometheus" 2>/dev/null; wait "$prometheus" || true; rm -rf "$state"' EXIT
echo "prometheus: http://127.0.0.1:9090 in this network"
# Pods come and go.
while kill -0 "$prometheus" 2>/dev/null; do
  sleep 2
  write_targets || echo "prometheus: the pods cannot be listed now; the last list stays" >&2
done
echo "prometheus: it has ended; its message stands above" >&2
exit 1
