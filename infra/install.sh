#!/usr/bin/env bash
# Install quire into .venv on a fresh machine: `bash infra/install.sh`, or with extras: '[test]'.
# The versions of all packages are those of requirements.lock: the bytes of datasets depend on them.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -c 'import ensurepip, venv' 2>/dev/null || bash infra/packages.sh python3-venv
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install -q -c requirements.lock -e ".${1:-}"
