#!/usr/bin/env bash
# Install packages of the distribution (Debian, Ubuntu): `bash infra/packages.sh NAME …`.
set -euo pipefail
echo "installing $*" >&2
run=$([ "$(id -u)" = 0 ] || echo sudo)
$run apt-get update -q
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
