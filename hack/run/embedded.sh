#!/usr/bin/env bash
# Sourced by hack/run.sh: the gateway in one process, on examples/quickstart/.
# shellcheck disable=SC2154,SC2034  # "state" and "at_end" are those of children.sh

run_embedded() {
  local port=$1
  local metrics=$((port + 1000))
  if [ "$port" -eq 9000 ] || [ "$metrics" -eq 9000 ]; then
    fail "--port $port needs port 9000, where the example upstream listens; choose another" 2
  fi
  start upstream build/release/bin/tollgate-echo --address 127.0.0.1:9000 --name quotes
  start gateway build/release/bin/tollgatectl run examples/quickstart \
    --http-address "127.0.0.1:$port" --metrics-address "127.0.0.1:$metrics" --access-log "$state/access.log"
  cat <<TEXT

Tollgate is running. Try, in another terminal:

  # with alice's key (plan free): 200, answered by the upstream, which sees who calls and not the key
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the same again within ten seconds: 200 from the cache (Cache-Status: tollgate; hit)
  # without a key: 401; bob's key stands in the query, and is taken out of it: 200
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com'
  curl -i 'http://127.0.0.1:$port/v1/quotes/BETA?api_key=demo-gold-0123456789abcdef' -H 'Host: api.example.com'
  # an operation that the free plan does not include: 403
  curl -i http://127.0.0.1:$port/v1/orders -d '{}' -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the sixth request within a second on the free plan: 429 with Retry-After
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
