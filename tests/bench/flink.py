"""How long `quire corpus` takes on a Flink cluster of this machine, beside the runner of one machine.

    python tests/bench/flink.py FILES [--rounds 3] [--workers 2]

FILES is a folder of Parquet with repo, path, content. The cluster is that of infra/flink/up.sh; its
start is not counted, nor is the question whether it can run quire, which is timed apart.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from statistics import median

from apache_beam.options.pipeline_options import PipelineOptions
from measure import corpus_command, measure

from pipelines.running import preflight
from transforms.lib.skeleton.storage import Storage

FLINK = Path(__file__).parents[2] / "infra" / "flink"


def asked(arguments: Path, data: Path) -> float:
    """Wall seconds of the question whether the cluster can run quire."""
    flags = [line for line in arguments.read_text().splitlines() if line.startswith("--")]
    begin = time.monotonic()
    preflight.check(Storage(str(data)), PipelineOptions(flags))
    return time.monotonic() - begin


def compare(options: Namespace, arguments: Path, scratch: Path) -> None:
    """Both in turn, as a Markdown table of medians."""
    here = corpus_command(scratch / "data", options.files, "near", options.workers)
    there = [*here, f"@{arguments}"]
    log = scratch / "log"
    measure(here, log), measure(there, log)  # kernels are compiled, workers have loaded them
    runs = [
        (measure(here, log).wall, measure(there, log).wall, asked(arguments, scratch / "ask"))
        for _ in range(options.rounds)
    ]
    one, cluster, question = (median(column) for column in zip(*runs, strict=True))
    print("| | wall s |\n|---|---:|")
    print(f"| one machine, {options.workers} workers | {one:.1f} |")
    print(f"| Flink, {options.workers} slots | {cluster:.1f} |")
    print(f"| of that the question | {question:.1f} |")
    print(f"| ratio of the jobs | {(cluster - question) / one:.2f} |")


def main() -> None:
    """Bring a cluster up, measure, take it down."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "cluster")
        up = [
            "bash",
            FLINK / "up.sh",
            "--folder",
            folder,
            "--slots",
            str(options.workers),
            "--python",
            sys.executable,
        ]
        subprocess.run(up, check=True)
        try:
            compare(options, folder / "flink.args", Path(scratch))
        finally:
            subprocess.run(["bash", FLINK / "down.sh", "--folder", folder], check=True)


if __name__ == "__main__":
    main()
