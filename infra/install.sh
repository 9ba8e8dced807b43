#!/usr/bin/env bash
# Install quire into .venv on a fresh machine: `bash infra/install.sh`, or with extras: '[test]'.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "installing python3-venv" >&2
    run=$([ "$(id -u)" = 0 ] || echo sudo)
    $run apt-get update -q
    $run apt-get install -y -q python3-venv
fi
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install -q -e ".${1:-}"
