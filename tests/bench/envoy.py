"""Envoy's configurations for the comparison: the same work in its own filters."""

HTTP = "type.googleapis.com/envoy.extensions.filters.http"
ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def full_filters(keys):
    """API key among those given, two rate limits that nobody reaches."""
    limits = [{"name": f"envoy.filters.http.local_ratelimit.{name}", "typed_config": {
        "@type": f"{HTTP}.local_ratelimit.v3.LocalRateLimit", "stat_prefix": name,
        "token_bucket": {"max_tokens": 1000000, "tokens_per_fill": 1000000, "fill_interval": "1s"},
        "filter_enabled": ALWAYS, "filter_enforced": ALWAYS}} for name in ("consumer", "address")]
    return [{"name": "envoy.filters.http.api_key_auth", "typed_config": {
        "@type": f"{HTTP}.api_key_auth.v3.ApiKeyAuth",
        "credentials": [{"key": key, "client": f"c{i}"} for i, key in enumerate(keys)],
        "key_sources": [{"header": "X-Api-Key"}],
        "forwarding": {"header": "x-consumer", "hide_credentials": True}}}] + limits


def http(filters, log=None):
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                 "HttpConnectionManager",
        "stat_prefix": "f",
        "http_filters": filters + [{"name": "envoy.filters.http.router",
                                    "typed_config": {"@type": f"{HTTP}.router.v3.Router"}}],
        "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "u"}}]}]}}
    if log:
        manager["access_log"] = [{"name": "envoy.access_loggers.file", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": log,
            "log_format": {"json_format": {
                "time": "%START_TIME%", "id": "%REQ(X-REQUEST-ID)%", "method": "%REQ(:METHOD)%",
                "path": "%REQ(:PATH)%", "status": "%RESPONSE_CODE%", "consumer": "%REQ(X-CONSUMER)%",
                "upstream": "%UPSTREAM_HOST%", "duration": "%DURATION%"}}}}]
    return manager


def config(port, upstream_port, manager):
    return {"static_resources": {
        "listeners": [{"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
                       "filter_chains": [{"filters": [{
                           "name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
        "clusters": [{"name": "u", "type": "STATIC", "load_assignment": {"cluster_name": "u", "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {
                "address": "127.0.0.1", "port_value": upstream_port}}}}]}]}}]}}


def command(binary, path):
    return [binary, "-c", path, "--concurrency", "1", "--use-dynamic-base-id", "-l", "off"]
