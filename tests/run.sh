#!/usr/bin/env bash
# Install what the tests need into .venv, then run them; arguments go to pytest:
#
#     bash tests/run.sh                all but the two below
#     bash tests/run.sh -m flink       those on a Flink cluster, with Java and Maven installed for it
#     bash tests/run.sh -m training    those with PyTorch and trainers: 6 GB are installed for them
set -euo pipefail
cd "$(dirname "$0")/.."
# Many images set it; then each of the hundreds of processes would compile quire's own code anew.
unset PYTHONDONTWRITEBYTECODE
extras=test
case " $* " in *" -m training "*) extras=test,torch,test-training ;; esac
bash infra/install.sh "[$extras]"
packages=() only=() parallel=(-n auto --maxprocesses 4 --dist loadgroup)
command -v bwrap > /dev/null || packages+=(bubblewrap libseccomp2)
command -v git > /dev/null || packages+=(git)
command -v chromium chromium-browser google-chrome > /dev/null || packages+=(chromium)
case " $* " in
    *" -m flink "*)
        parallel=()
        command -v javac > /dev/null || packages+=(default-jdk-headless)
        command -v mvn > /dev/null || packages+=(maven)
        command -v curl > /dev/null || packages+=(curl)
        ;;
esac
# No other file need be imported, which takes half a minute.
[ "$*" != "-m flink" ] || only=(tests/infra/test_flink.py)
[ ${#packages[@]} = 0 ] || bash infra/packages.sh "${packages[@]}"
exec .venv/bin/python -m pytest "${parallel[@]}" "$@" "${only[@]}"
