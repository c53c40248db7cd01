#!/usr/bin/env python3
"""Fails when a folder includes one that stands above or beside it, or a third-party API outside its folder.

The order is the way that data takes; CONTRIBUTING.md shows it as a picture. A folder may include those named
behind it, and itself.
"""

import pathlib
import re
import sys

STAGES = ["tls", "route", "guard", "cors", "auth", "contract", "limit", "answer", "cache", "compress", "forward"]

ALLOWED = {
    "api/base": [],
    "api": ["api/base"],
    "controller/kube": ["api/base"],
    "controller/resource": ["api", "api/base"],
    "controller/store": ["controller/resource", "api", "api/base"],
    "controller/compile": ["controller/store", "controller/resource", "api", "api/base"],
    "controller/publish": ["controller/compile", "controller/store", "controller/resource", "controller/kube",
                           "api", "api/base"],
    "controller/admin": ["controller/publish", "api", "api/base"],
    "controller": ["controller/*", "api", "api/base"],
    "proxy/io": ["api/base"],
    "proxy/resolve": ["proxy/io", "api/base"],
    "proxy/takeover": ["proxy/io", "api/base"],
    "proxy/http": ["proxy/io", "api/base"],
    "proxy/snapshot": ["api", "api/base"],
    "proxy/exchange": ["proxy/http", "proxy/snapshot", "proxy/io", "api", "api/base"],
    "proxy/store": ["proxy/io", "api", "api/base"],
    "proxy/store/redis": ["proxy/store", "proxy/io", "api", "api/base"],
    "proxy/observe": ["proxy/exchange", "proxy/http", "proxy/snapshot", "proxy/io", "api", "api/base"],
    "proxy/pipeline": [f"proxy/{s}" for s in STAGES] + ["proxy/observe", "proxy/store", "proxy/exchange", "proxy/http",
                                                        "proxy/snapshot", "proxy/io", "api", "api/base"],
    "proxy/net": ["proxy/pipeline", "proxy/*", "api", "api/base"],
    "proxy/admin": ["proxy/net", "proxy/*", "api", "api/base"],
    "proxy": ["proxy/*", "api", "api/base"],
    "cli": ["cli", "controller/*", "proxy/*", "api", "api/base"],
    "examples/upstream": ["api/base"],
}
for stage in STAGES:
    ALLOWED[f"proxy/{stage}"] = ["proxy/exchange", "proxy/http", "proxy/snapshot", "proxy/io", "api", "api/base"]
for stage in ("limit", "cache"):
    ALLOWED[f"proxy/{stage}"].append("proxy/store")
ALLOWED["proxy/forward"].append("proxy/resolve")

# A third-party API lives where its exceptions and types stop.
HOMES = {
    r"cpprest/|pplx/": ["controller/kube"],
    r"ares": ["proxy/resolve"],
    r"hiredis/": ["proxy/store/redis"],
    r"brotli/|zlib\.h|zstd\.h": ["proxy/compress"],
    r"prometheus/": ["proxy/observe", "controller/admin"],
    r"boost/": ["proxy/io", "controller/admin", "controller/kube", "examples/upstream"],
    r"grpcpp/|grpc/": ["api", "proxy/snapshot", "controller/publish"],
    r"CLI/": ["api/base"],
    r"yaml-cpp/": ["api/base", "controller/resource", "controller/kube"],
    r"spdlog/": ["api/base"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
OWN = ("api/", "controller/", "proxy/", "cli/")


def allowed(folder, target):
    return target == folder or any(
        target == rule or (rule.endswith("/*") and target.startswith(rule[:-1])) for rule in ALLOWED[folder])


def faults(path):
    folder = str(path.parent)
    if folder not in ALLOWED:
        yield f"{path}: the folder {folder} stands in no layer; name it in hack/check_includes.py"
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(2)
        if target.startswith(OWN):
            if not allowed(folder, str(pathlib.PurePosixPath(target).parent)):
                yield f"{path}:{number}: {folder} may not include {target}"
            continue
        for pattern, homes in HOMES.items():
            if re.match(pattern, target) and folder not in homes:
                yield f"{path}:{number}: {target} may be included by {', '.join(homes)} only"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found = []
    for top in ("api", "controller", "proxy", "cli", "examples"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".cc", ".h"):
                found += faults(path.relative_to(root))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    import os
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    sys.exit(main())
