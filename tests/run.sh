#!/usr/bin/env bash
# Install what the tests need into .venv, then run them; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
bash infra/install.sh '[test]'
if ! command -v bwrap > /dev/null; then
    echo "installing bubblewrap" >&2
    run=$([ "$(id -u)" = 0 ] || echo sudo)
    $run apt-get update -q
    $run apt-get install -y -q bubblewrap libseccomp2
fi
exec .venv/bin/python -m pytest "$@"
