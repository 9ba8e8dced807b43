#!/usr/bin/env bash
# Install what the tests need into .venv, then run them; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "installing python3-venv" >&2
    $([ "$(id -u)" = 0 ] || echo sudo) apt-get install -y -q python3-venv
fi
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install -q -e '.[test]'
exec .venv/bin/python -m pytest "$@"
