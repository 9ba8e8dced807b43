#!/usr/bin/env bash
# A Flink cluster on this machine, without containers: JobManager, TaskManager, Beam's job server
# and a pool of Python workers. Needs Java 11 or 17, Maven, and quire's virtual environment.
#
#     bash infra/flink/up.sh [--folder DIR] [--slots N] [--memory MB] [--restarts N] [--port N]
#                            [--home DIR] [--python PATH]
#
# --folder  where configuration, logs and process ids stand (default ./flink)
# --slots   tasks at a time, each with a Python worker (default: the cores)
# --memory  MB for the TaskManager's JVM (default 1024); Python workers are beside it
# --restarts  how often a job starts again after a failure, such as a lost worker (default 3)
# --port    the job server's; the next ones are taken by artifacts, workers, Flink (default 8099)
# --home    where the programs are fetched to, once (default ~/.cache/quire/flink)
# --python  the interpreter of the workers, with quire installed (default .venv/bin/python)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../versions.env" # FLINK, JOB_SERVER

folder=./flink slots=$(nproc) memory=1024 restarts=3 port=8099
home=${XDG_CACHE_HOME:-$HOME/.cache}/quire/flink
python=$here/../../.venv/bin/python
while [ $# -gt 0 ]; do
    case $1 in
        --folder | --slots | --memory | --restarts | --port | --home | --python)
            [ $# -gt 1 ] || { echo "up.sh: $1 needs a value" >&2; exit 2; }
            printf -v "${1#--}" %s "$2"
            shift 2 ;;
        -h | --help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "up.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
artifacts=$((port + 1)) pool=$((port + 2)) rest=$((port + 3)) rpc=$((port + 4))
for program in java mvn tar curl; do
    command -v $program > /dev/null || { echo "up.sh: $program is not installed" >&2; exit 1; }
done
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ -e "$folder/pids" ]; then
    echo "up.sh: a cluster is up in $folder; bash infra/flink/down.sh --folder $folder ends it" >&2
    exit 1
fi

fetch() { # the programs, whole or not at all
    local new=$home/new.$$
    mkdir -p "$new"
    echo "fetching Flink $FLINK and the job server to $home" >&2
    # Where the index is away for a moment, pip says that there is no such version.
    for pause in 5 30 ""; do
        "$python" -m pip download -q --no-deps -d "$new" "apache-flink-libraries==$FLINK" && break
        [ -n "$pause" ] || exit 1
        sleep "$pause"
    done
    mkdir "$new/flink" "$new/beam"
    tar -xzf "$new"/apache*.tar.gz -C "$new/flink" --strip-components=3 --wildcards '*/deps/lib/*.jar'
    rm "$new"/apache*.tar.gz
    mvn -q -B -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$new/job-server" 1>&2
    # The cluster has Beam's part of it, for jobs come without (see JobServer.java), the job server
    # has Flink's logging.
    find "$new/job-server" -name '*.jar' ! -name 'flink-*' -exec ln -t "$new/beam" {} +
    ln -t "$new/job-server" "$new"/flink/log4j-*
    mv "$new" "$programs"
}
programs=$home/$FLINK-$JOB_SERVER
[ -d "$programs" ] || fetch

# Flink's own scripts compute the parts of a TaskManager's memory; here they are written out.
rm -rf "$folder/conf" "$folder/logs" "$folder/tmp"
mkdir "$folder/conf" "$folder/logs" "$folder/tmp"
cat > "$folder/conf/config.yaml" << END
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: $rpc
jobmanager.bind-host: 127.0.0.1
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: $rest
blob.server.port: 0
io.tmp.dirs: $folder/tmp
restart-strategy.type: $([ "$restarts" = 0 ] && echo none || echo fixed-delay)
restart-strategy.fixed-delay.attempts: $restarts
restart-strategy.fixed-delay.delay: 1 s
taskmanager.numberOfTaskSlots: $slots
taskmanager.cpu.cores: $slots
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.task.heap.size: $((memory / 2))m
taskmanager.memory.task.off-heap.size: 0m
taskmanager.memory.managed.size: $((memory / 4))m
taskmanager.memory.network.min: $((memory / 4))m
taskmanager.memory.network.max: $((memory / 4))m
taskmanager.network.sort-shuffle.min-buffers: 64
taskmanager.memory.jvm-metaspace.size: 256m
taskmanager.memory.jvm-overhead.min: 192m
taskmanager.memory.jvm-overhead.max: 192m
END
cp "$here/log4j.properties" "$folder/conf"
opens=()
for package in java.lang java.lang.reflect java.net java.io java.nio java.text java.time java.util \
    java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks sun.nio.ch; do
    opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done

start() { # NAME COMMAND…
    local name=$1
    shift
    setsid "$@" > "$folder/logs/$name.log" 2>&1 < /dev/null &
    echo "$! $name" >> "$folder/pids"
}
trap '[ $? = 0 ] || bash "$here/down.sh" --folder "$folder"' EXIT
java_with=(java "${opens[@]}" -Djava.io.tmpdir="$folder/tmp"
    -Dlog4j.configurationFile="$folder/conf/log4j.properties")
entry=org.apache.flink.runtime
cluster="$programs/flink/*:$programs/beam/*"
start jobmanager "${java_with[@]}" -Xmx512m -cp "$cluster" \
    $entry.entrypoint.StandaloneSessionClusterEntrypoint --configDir "$folder/conf"
start taskmanager "${java_with[@]}" -Xmx$((memory / 2 + 128))m \
    -XX:MaxDirectMemorySize=$((memory / 4 + 128))m -cp "$cluster" \
    $entry.taskexecutor.TaskManagerRunner --configDir "$folder/conf"
start job-server "${java_with[@]}" -Xmx512m -cp "$programs/job-server/*" \
    "$here/JobServer.java" --job-host localhost --job-port "$port" --artifact-port "$artifacts" \
    --expansion-port 0 --flink-master "127.0.0.1:$rest" --artifacts-dir "$folder/tmp/artifacts"
start workers "$python" -P -m pipelines.running.worker_pool --port "$pool"

healthy() { # Flink has its slots, the job server and the pool listen
    curl -sf "http://127.0.0.1:$rest/overview" | grep -q "\"slots-total\":$slots[,}]" \
        && (exec 3<> "/dev/tcp/localhost/$port") 2> /dev/null \
        && (exec 3<> "/dev/tcp/localhost/$pool") 2> /dev/null
}
for _ in $(seq 120); do
    while read -r pid name; do
        kill -0 "$pid" 2> /dev/null || {
            echo "up.sh: $name ended: $(tail -n 3 "$folder/logs/$name.log")" >&2
            exit 1
        }
    done < "$folder/pids"
    if healthy; then
        sed -e "s/localhost:8099/localhost:$port/" -e "s/localhost:8101/localhost:$pool/" \
            -e "s/^\(--parallelism\|--sdk_worker_parallelism\)=.*/\1=$slots/" \
            "$here/flink.args" > "$folder/flink.args"
        echo "Flink $FLINK is up with $slots slots, http://127.0.0.1:$rest: quire … @$folder/flink.args"
        trap - EXIT
        exit 0
    fi
    sleep 0.5
done
echo "up.sh: not up after a minute; see $folder/logs" >&2
exit 1
