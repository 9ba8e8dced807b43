#!/usr/bin/env bash
# Install quire into .venv on a fresh machine: `bash infra/install.sh`, or with extras: '[test]'.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -c 'import ensurepip, venv' 2>/dev/null || bash infra/packages.sh python3-venv
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install -q -e ".${1:-}"
