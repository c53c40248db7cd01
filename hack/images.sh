#!/usr/bin/env bash
# OCI images of Tollgate, from scratch: each holds a program, what the program needs, and nothing else; no shell, no
# base image. Needs no registry and no container engine. The same programs give the same bytes.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/images.sh [--out DIR] [--no-build] [--yes] [IMAGE...]
  IMAGE        controller, proxy, redis or echo (the example upstream); default: all four
  --out DIR    where the tars go (default build/images)
  --no-build   take build/release/bin as it is
  --yes        do not ask before installing packages
Writes localhost/tollgate-IMAGE:VERSION into DIR/IMAGE.tar. To load one:
  hack/kubernetes.sh load build/images/proxy.tar        (the node of this project)
  ctr -n k8s.io images import build/images/proxy.tar    (any node with containerd; podman load and docker load too)
TEXT
}

fail() {
  echo "images.sh: $1" >&2
  exit "${2:-1}"
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/build/images
build=true
setup_flags=()
images=()
while [ $# -gt 0 ]; do
  case $1 in
    --out)
      [ $# -ge 2 ] || fail "--out needs a folder" 2
      out=$(realpath --canonicalize-missing -- "$2")
      shift
      ;;
    --no-build) build=false ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    controller | proxy | redis | echo) images+=("$1") ;;
    *) fail "unknown argument \"$1\"; --help lists what there is" 2 ;;
  esac
  shift
done
[ "${#images[@]}" -gt 0 ] || images=(controller proxy redis echo)
cd "$root"

# CMake's project version is the one source of it; api/base/version.h is made from the same line.
project_version() { sed -n 's/^project(tollgate VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt; }

redis_version() { redis-server --version | sed -n 's/.* v=\([0-9.]*\) .*/\1/p'; }

# What is built has debugging information, ten times the size of the program; the build folder keeps it.
stripped() {
  strip -o "$stage/tollgate-$1" "build/release/bin/tollgate-$1" ||
    fail "build/release/bin/tollgate-$1 cannot be read; run hack/images.sh without --no-build"
  echo "/usr/bin/tollgate-$1=$stage/tollgate-$1"
}

write_image() {
  local image=$1 tag program
  local programs=() others=()
  case $image in
    redis)
      tag=$(redis_version)
      # The client is for probes, and for whoever has to look.
      programs=(/usr/bin/redis-server=/usr/bin/redis-server /usr/bin/redis-cli=/usr/bin/redis-cli)
      ;;
    *)
      tag=$(project_version)
      program=$(stripped "$image")
      programs=("$program")
      # Whom upstreams over TLS are trusted by where a route names nobody: where OpenSSL looks for them.
      [ "$image" != proxy ] || others=(--file /usr/lib/ssl/cert.pem=/etc/ssl/certs/ca-certificates.crt)
      ;;
  esac
  [ -n "$tag" ] || fail "the version of $image is not known"
  python3 hack/images/write_image.py --name "localhost/tollgate-$image:$tag" --out "$out/$image.tar" "${others[@]}" \
    "${programs[@]}"
}

if $build; then
  hack/setup.sh "${setup_flags[@]}"
  targets=()
  for image in "${images[@]}"; do
    [ "$image" = redis ] || targets+=("tollgate-$image")
  done
  echo "images: building (about 15 minutes the first time on 2 cores, seconds after that)"
  cmake --preset release >/dev/null
  [ "${#targets[@]}" -eq 0 ] || cmake --build --preset release --target "${targets[@]}"
fi

mkdir -p "$out"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for image in "${images[@]}"; do write_image "$image"; done
echo "images: written to $out"
