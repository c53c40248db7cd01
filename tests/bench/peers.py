"""The gateways that are measured, each with the configuration for the same work.

plain: route and forward. full: API key among 1,000, two rate limits, identity header, request id, JSON log.
cached: the answer comes from memory.
"""

import base64
import dataclasses
import hashlib
import json
import os
import subprocess

import envoy

UPSTREAM_PORT = 9300
KEY = "bench-key-0500-0123456789abcdef"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@dataclasses.dataclass
class Peer:
    name: str
    command: list
    url: str
    headers: dict
    running: object = None


def keys():
    return [f"bench-key-{i:04}-0123456789abcdef" for i in range(1000)]


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


def nginx(folder, name, http):
    home = os.path.join(folder, name)
    os.makedirs(home, exist_ok=True)
    # Started by root, nginx would give its worker to an account that may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    config = write(folder, f"{name}/nginx.conf", f"""
{user} worker_processes 1; daemon off; pid {home}/pid; error_log {home}/error.log crit;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
{http}
}}
""")
    return ["nginx", "-c", config, "-p", home]


def upstream(folder):
    return nginx(folder, "upstream", f"""
  server {{ listen 127.0.0.1:{UPSTREAM_PORT};
    location / {{ default_type text/plain; return 200 "{'a' * 128}"; }}
    location ~ ^/(16k|64k|1m)$ {{ default_type text/plain; root {folder}/files; }} }}""")


TO_UPSTREAM = f"""
  upstream u {{ server 127.0.0.1:{UPSTREAM_PORT}; keepalive 128; keepalive_requests 100000000; }}"""
PASS = 'proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;'


def nginx_plain(folder):
    command = nginx(folder, "nginx-plain", TO_UPSTREAM + f"""
  server {{ listen 127.0.0.1:9301; location / {{ {PASS} }} }}""")
    return Peer("nginx plain", command, "http://127.0.0.1:9301/", {})


def nginx_full(folder):
    known = "\n".join(f'    "{key}" c{i};' for i, key in enumerate(keys()))
    command = nginx(folder, "nginx-full", TO_UPSTREAM + f"""
  map_hash_bucket_size 128;
  map $http_x_api_key $consumer {{ default ""; {known} }}
  limit_req_zone $consumer zone=a:10m rate=1000000r/s; limit_req_zone $binary_remote_addr zone=b:10m rate=1000000r/s;
  log_format j escape=json '{{"time":"$time_iso8601","id":"$request_id","method":"$request_method","path":"$uri",'
    '"status":$status,"consumer":"$consumer","upstream":"$upstream_addr","duration":$request_time}}';
  server {{ listen 127.0.0.1:9302; access_log {folder}/nginx-full/access.log j buffer=64k;
    location / {{ if ($consumer = "") {{ return 401; }}
      limit_req zone=a burst=100000 nodelay; limit_req zone=b burst=100000 nodelay;
      {PASS} proxy_set_header X-Consumer $consumer; proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Api-Key ""; add_header X-Request-Id $request_id; }} }}""")
    return Peer("nginx full", command, "http://127.0.0.1:9302/", {"X-Api-Key": KEY})


def nginx_cached(folder):
    command = nginx(folder, "nginx-cached", TO_UPSTREAM + f"""
  proxy_cache_path {folder}/nginx-cached/store keys_zone=z:10m;
  server {{ listen 127.0.0.1:9303; location / {{ {PASS} proxy_cache z; proxy_cache_valid 200 1h; }} }}""")
    return Peer("nginx proxy_cache hit", command, "http://127.0.0.1:9303/", {})


def haproxy_plain(folder):
    config = write(folder, "haproxy.cfg", f"""
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend f
  bind 127.0.0.1:9304
  default_backend b
backend b
  http-reuse always
  server u 127.0.0.1:{UPSTREAM_PORT}
""")
    return Peer("haproxy plain", ["haproxy", "-f", config], "http://127.0.0.1:9304/", {})


def haproxy_full(folder):
    known = write(folder, "haproxy-full/keys.map", "".join(f"{key} c{i}\n" for i, key in enumerate(keys())))
    config = write(folder, "haproxy-full/haproxy.cfg", f"""
global
  nbthread 1
  log stdout format raw daemon
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 300s
  timeout server 300s
backend consumers
  stick-table type string len 64 size 10k expire 60s store http_req_rate(1s)
backend addresses
  stick-table type ip size 10k expire 60s store http_req_rate(1s)
frontend f
  bind 127.0.0.1:9306
  unique-id-format %{{+X}}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid
  unique-id-header X-Request-Id
  log-format '{{"time":"%tr","id":"%ID","method":"%HM","path":"%HP","status":%ST,"consumer":"%[var(txn.who)]","upstream":"%s","duration":%Ta}}'
  http-request set-var(txn.who) req.hdr(X-Api-Key),map({known})
  http-request deny deny_status 401 unless {{ var(txn.who) -m found }}
  http-request track-sc0 var(txn.who) table consumers
  http-request track-sc1 src table addresses
  http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt 1000000 }} || {{ sc_http_req_rate(1) gt 1000000 }}
  http-request del-header X-Api-Key
  http-request set-header X-Consumer %[var(txn.who)]
  http-response set-header X-Request-Id %[unique-id]
  default_backend b
backend b
  http-reuse always
  server u 127.0.0.1:{UPSTREAM_PORT}
""")
    return Peer("haproxy full", ["haproxy", "-f", config], "http://127.0.0.1:9306/", {"X-Api-Key": KEY})


SERVICE = f"""
apiVersion: v1
kind: Service
metadata: {{name: u, namespace: bench}}
spec: {{ports: [{{name: http, port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: u-1, namespace: bench, labels: {{kubernetes.io/service-name: u}}}}
addressType: IPv4
ports: [{{name: http, port: {UPSTREAM_PORT}}}]
endpoints: [{{addresses: [127.0.0.1]}}]
---
"""
TARGET = "upstream: {targets: [{type: Service, serviceRef: {name: u, port: http}}]}"


def tollgate(folder, name, port, manifests, headers, log, path="/"):
    home = os.path.join(folder, name)
    write(folder, f"{name}/manifests/all.yaml", SERVICE + manifests)
    command = [os.path.join(ROOT, "build/release/bin/tollgatectl"), "run", f"{home}/manifests", "--threads=1",
               f"--http-address=127.0.0.1:{port}", "--https-address=off", f"--metrics-address=127.0.0.1:{port + 100}",
               f"--access-log={log}"]
    return Peer(f"Tollgate {name}", command, f"http://127.0.0.1:{port}{path}", headers)


def route(access, extra=""):
    return f"""apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {{name: r, namespace: bench}}
spec:
  hosts: ["127.0.0.1"]
  {access}
  rules: [{{name: all, {TARGET}{extra}}}]
"""


def plan():
    callers = "\n".join(f'  c{i}: "sha256:{hashlib.sha256(key.encode()).hexdigest()}"' for i, key in enumerate(keys()))
    return f"""---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {{name: p, namespace: bench}}
spec:
  displayName: Bench
  credentials: {{apiKeys: {{from: [{{type: Header, name: X-Api-Key}}]}}}}
  rateLimits:
  - {{name: consumer, requests: 1000000, per: 1s, scope: Consumer}}
  - {{name: address, requests: 1000000, per: 1s, scope: Address}}
---
apiVersion: v1
kind: Secret
metadata: {{name: callers, namespace: bench, labels: {{tollgate.dev/plan: p}}}}
type: tollgate.dev/api-keys
stringData:
{callers}
"""


def certificate(folder):
    """One for localhost: the paths of its chain and its key."""
    chain, key = os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key")
    if not os.path.exists(chain):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-out", chain, "-keyout", key], check=True, capture_output=True)
    return chain, key


def nginx_tls(folder):
    chain, key = certificate(folder)
    command = nginx(folder, "nginx-tls", TO_UPSTREAM + f"""
  server {{ listen 127.0.0.1:9320 ssl http2; ssl_certificate {chain}; ssl_certificate_key {key};
    ssl_protocols TLSv1.3; location / {{ {PASS} }} }}""")
    return Peer("nginx TLS", command, "https://localhost:9320/", {})


def haproxy_tls(folder):
    both = "".join(open(path).read() for path in certificate(folder))
    pem = write(folder, "haproxy-tls/both.pem", both)
    config = write(folder, "haproxy-tls/haproxy.cfg", f"""
global
  nbthread 1
  ssl-default-bind-options ssl-min-ver TLSv1.3
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend f
  bind 127.0.0.1:9321 ssl crt {pem} alpn h2,http/1.1
  default_backend b
backend b
  http-reuse always
  server u 127.0.0.1:{UPSTREAM_PORT}
""")
    return Peer("haproxy TLS", ["haproxy", "-f", config], "https://localhost:9321/", {})


def tollgate_tls(folder):
    chain, key = (base64.b64encode(open(path, "rb").read()).decode() for path in certificate(folder))
    secret = f"""---
apiVersion: v1
kind: Secret
metadata: {{name: localhost, namespace: bench}}
type: kubernetes.io/tls
data: {{tls.crt: {chain}, tls.key: {key}}}
"""
    manifests = route("access: Public\n  tls: {certificateRefs: [{name: localhost}]}").replace("127.0.0.1", "localhost")
    peer = tollgate(folder, "TLS", 9322, manifests + secret, {}, "off")
    peer.command = [flag for flag in peer.command if not flag.startswith(("--http-address", "--https-address"))]
    peer.command += ["--http-address=127.0.0.1:0", "--https-address=127.0.0.1:9322"]
    peer.url = "https://localhost:9322/"
    return peer


def all_peers(folder, envoy_binary):
    write(folder, "files/16k", "a" * 16384)
    with_key = {"X-Api-Key": KEY}
    cache = ", cache: {ttl: 1h, scope: Shared}"
    peers = [
        nginx_plain(folder), nginx_full(folder), nginx_cached(folder), haproxy_plain(folder),
        haproxy_full(folder),
        tollgate(folder, "plain", 9310, route("access: Public"), {}, "off"),
        tollgate(folder, "full", 9311, route("plans: [{name: p}]") + plan(), with_key, f"{folder}/tg.log"),
        tollgate(folder, "cached, full", 9312, route("plans: [{name: p}]", cache) + plan(), with_key,
                 f"{folder}/tgc.log"),
        tollgate(folder, "cached 16 KiB, full", 9313, route("plans: [{name: p}]", cache) + plan(), with_key,
                 f"{folder}/tgk.log", "/16k"),
    ]
    if envoy_binary:
        plain = envoy.config(9305, UPSTREAM_PORT, envoy.http([]))
        full = envoy.config(9307, UPSTREAM_PORT, envoy.http(envoy.full_filters(keys()), f"{folder}/envoy.log"))
        for name, port, config, headers in (("plain", 9305, plain, {}), ("full", 9307, full, with_key)):
            path = write(folder, f"envoy-{name}.json", json.dumps(config))
            peers.append(Peer(f"Envoy {name}", envoy.command(envoy_binary, path), f"http://127.0.0.1:{port}/", headers))
    return peers
