#!/usr/bin/env bash
# Sourced by hack/run.sh: the gateway in one process, on examples/quickstart/.
# shellcheck disable=SC2154  # "state" is that of children.sh, "programs" that of run.sh

run_embedded() {
  local port=$1
  local https=$((port + 363))
  local metrics=$((port + 1000))
  if [ "$port" -eq 9000 ] || [ "$https" -eq 9000 ] || [ "$metrics" -eq 9000 ]; then
    fail "--port $port needs port 9000, where the example upstream listens; choose another" 2
  fi
  start upstream "$programs"/tollgate-echo --address 127.0.0.1:9000 --name quotes
  start gateway "$programs"/tollgatectl run examples/quickstart \
    --http-address "127.0.0.1:$port" --https-address "127.0.0.1:$https" --metrics-address "127.0.0.1:$metrics" --access-log "$state/access.log"
  cat <<TEXT

Tollgate is running. Try, in another terminal:

  # with alice's key (plan free), answered by the upstream, which sees who calls and not the key: 200
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the same again within ten seconds, from the cache (Cache-Status: tollgate; hit): 200
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # without a key: 401
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com'
  # bob's key stands in the query, and is taken out of it: 200
  curl -i 'http://127.0.0.1:$port/v1/quotes/BETA?api_key=demo-gold-0123456789abcdef' -H 'Host: api.example.com'
  # an operation that the free plan does not include: 403
  curl -i http://127.0.0.1:$port/v1/orders -d '{}' -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the free plan allows five requests a second, so that the sixth is refused: 429
  for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$port/v1/quotes/N\$i -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'; done
  # a route that needs no key: 200
  curl -i http://127.0.0.1:$port/status -H 'Host: api.example.com'

  metrics     http://127.0.0.1:$metrics/metrics
  readiness   http://127.0.0.1:$metrics/readyz
  access log  $state/access.log

Edit a file in examples/quickstart/ and the change is live at once. Ctrl-C stops everything.
TEXT
  await_end
}
