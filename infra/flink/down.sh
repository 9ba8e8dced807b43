#!/usr/bin/env bash
# End the cluster that up.sh started: its processes and temporary files go, its logs stay.
#
#     bash infra/flink/down.sh [--folder DIR]
set -euo pipefail
folder=./flink
case ${1:-} in
    --folder) folder=${2:?"down.sh: --folder needs a value"} ;;
    '') ;;
    *) echo "down.sh: unknown argument $1" >&2; exit 2 ;;
esac
[ -e "$folder/pids" ] || { echo "down.sh: no cluster is up in $folder" >&2; exit 1; }
groups=$(cut -d' ' -f1 "$folder/pids")
for signal in TERM KILL; do # each process leads a group: what it started ends with it
    for group in $groups; do kill -$signal -- "-$group" 2> /dev/null || true; done
    for _ in $(seq 50); do
        alive=$(for group in $groups; do kill -0 -- "-$group" 2> /dev/null && echo "$group"; done || true)
        [ -n "$alive" ] || break 2
        sleep 0.1
    done
done
rm -rf "$folder/pids" "$folder/tmp"
