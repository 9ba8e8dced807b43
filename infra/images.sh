#!/usr/bin/env bash
# Build quire's three images with the versions of versions.env: the one image of quire, and the Java
# half of a Flink cluster. With a registry they are named for it, and `--push` sends them there:
#
#     bash infra/images.sh [--push] [REGISTRY]      # quire:0.2.0, quire-flink:0.2.0, …
set -euo pipefail
cd "$(dirname "$0")/.."
push=
if [ "${1:-}" = --push ]; then
    push=yes
    shift
    [ $# -gt 0 ] || { echo "images.sh: --push needs a registry" >&2; exit 2; }
fi
prefix=${1:+$1/}
tag=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

versions() { # DOCKERFILE: a --build-arg for every version that it declares
    local name
    while read -r name; do
        sed -n "s/^\($name=.*\)/--build-arg=\1/p" infra/versions.env
    done < <(sed -n 's/^ARG \([A-Z_]*\)=.*/\1/p' "$1")
}

build() { # NAME DOCKERFILE CONTEXT [FLAG…]
    local image=$prefix$1:$tag file=$2 context=$3 arguments
    shift 3
    mapfile -t arguments < <(versions "$file")
    docker build "${arguments[@]}" "$@" --file "$file" --tag "$image" "$context"
    [ -z "$push" ] || docker push "$image"
}
build quire infra/Dockerfile .
build quire-flink infra/flink/Dockerfile infra/flink --target flink
build quire-job-server infra/flink/Dockerfile infra/flink --target job-server
