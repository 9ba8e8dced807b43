#!/usr/bin/env bash
# Write requirements.lock anew from pyproject.toml, for every Python that it admits and for all extras:
#
#     bash infra/lock.sh                             keep the versions that still fit
#     bash infra/lock.sh --upgrade                   take the newest that fit
#     bash infra/lock.sh --upgrade-package pyarrow   take the newest of one package
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/versions.env
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install -q "uv==$UV"
# `fewest`: one version of a package for every Python wherever one serves all, so that datasets do
# not depend on the Python that wrote them.
"$tools/bin/uv" pip compile -q --universal --python-version "$PYTHON_MIN" --fork-strategy fewest \
    --all-extras --custom-compile-command "bash infra/lock.sh" "$@" \
    --output-file requirements.lock pyproject.toml
