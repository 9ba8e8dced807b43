#!/usr/bin/env bash
# Install what the tests need into .venv, then run them; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
bash infra/install.sh '[test]'
exec .venv/bin/python -m pytest "$@"
