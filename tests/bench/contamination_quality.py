"""How right `quire contamination` is: recall of leaks by mutation, and files flagged falsely.

    python tests/bench/contamination_quality.py HOSTS [--eval NAME[=PATH] …]
        [--labelled FILE …] [--clean FOLDER …]

HOSTS is a folder of Parquet (repo, path, content): every task is leaked into its files by every
mutation. The thresholds of `verdict` were chosen with HumanEval, MBPP, corpus L and TheAlgorithms
at hand, so that figures for these are optimistic: give other tasks, hosts and releases. A labelled
file is gzipped JSON Lines with content, label (a task id, or null for no task) and mutation or
variant. A clean folder leaks nothing, and the stoplist must not be made of it: every file that is
flagged there is listed.
"""

import argparse
import gzip
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.contamination.examine import TaskFinding, examine
from transforms.contamination.patterns.stoplist import read_stoplist
from transforms.contamination.patterns.task_index import TaskIndex, make_index
from transforms.contamination.report.mutations import MUTATIONS, seeded
from transforms.contamination.verdict import HIT
from transforms.lib.eval_sets import EvalTask, read_eval

BATCH_TEXTS = 400  # checked at a time
MAX_HOSTS = 400  # files into which tasks are leaked


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and content of the files in a folder of Parquet, each content once."""
    digests = set()
    for file in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(
            BATCH_TEXTS, columns=["repo", "path", "content"]
        ):
            for row in batch.to_pylist():
                digest = hashlib.sha256(row["content"].encode()).digest()
                if digest not in digests:
                    digests.add(digest)
                    yield f"{row['repo']}/{row['path']}", row["content"]


def hits(texts: Iterable[str], index: TaskIndex) -> Iterator[list[TaskFinding]]:
    """The findings of each text that are hits."""
    stream = iter(texts)
    while batch := list(islice(stream, BATCH_TEXTS)):
        by_row: dict[int, list[TaskFinding]] = defaultdict(list)
        for finding in examine(pa.array(batch, pa.string()), index).findings:
            if finding.verdict == HIT:
                by_row[finding.row].append(finding)
        yield from (by_row[row] for row in range(len(batch)))


def print_recall(tasks: list[EvalTask], index: TaskIndex, hosts: list[str]) -> None:
    """Print the recall of each mutation, when it leaks every task into a random host."""
    print("| mutation | seeded | recall |\n|---|---:|---:|")
    for name, mutate, line_end in MUTATIONS:
        rng = random.Random(name)
        mutants = [(number, mutate(task, rng)) for number, task in enumerate(tasks)]
        leaks = [(number, leak) for number, leak in mutants if leak is not None]
        texts = (seeded(rng.choice(hosts), leak, line_end, rng) for _, leak in leaks)
        hits_of_leaks = zip(leaks, hits(texts, index), strict=True)
        recalled = sum(
            any(f.task == number for f in of_text) for (number, _), of_text in hits_of_leaks
        )
        print(f"| {name} | {len(leaks)} | {recalled / max(1, len(leaks)):.3f} |", flush=True)


def print_labelled(path: Path, index: TaskIndex) -> None:
    """Print the recall by mutation or variant, and how many rows without a label are flagged."""
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    numbers = {task.task_id: number for number, task in enumerate(index.tasks)}
    total, flagged = Counter(), Counter()
    for row, of_text in zip(rows, hits((row["content"] for row in rows), index), strict=True):
        kind = row.get("mutation") or row.get("variant") or "all"
        total[kind] += 1
        label = numbers.get(row["label"])
        flagged[kind] += any(f.task == label for f in of_text) if row["label"] else bool(of_text)
    print(f"\n{path.name}: {sum(flagged.values())} of {sum(total.values())}")
    for kind in total:
        print(f"- {kind}: {flagged[kind]} of {total[kind]}")


def print_clean(folder: Path, index: TaskIndex) -> None:
    """Print the files of a folder that are flagged though nobody leaked a task into them."""
    names: list[str] = []
    count = flagged = 0

    def contents() -> Iterator[str]:
        for name, content in files(folder):
            names.append(name)
            yield content

    for count, of_text in enumerate(hits(contents(), index), 1):
        flagged += bool(of_text)
        for finding in of_text:
            matches = " ".join(f"{m.channel} {m.found}/{m.total}" for m in finding.matches)
            print(f"- {names[count - 1]} {index.tasks[finding.task].task_id}: {matches}")
    print(
        f"{folder}: {flagged} of {count:,} flagged ({2_000 * flagged / max(1, count):.2f} in 2,000)"
    )


def main() -> None:
    """Print the recall of every mutation, then figures for labelled files and clean folders."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("hosts", type=Path)
    parser.add_argument("--eval", action="append", default=[], dest="evals")
    parser.add_argument("--labelled", action="append", default=[], type=Path)
    parser.add_argument("--clean", action="append", default=[], type=Path)
    options = parser.parse_args()
    tasks = [task for spec in options.evals or ["humaneval"] for task in read_eval(spec, {}).tasks]
    index = make_index(tasks, read_stoplist())
    hosts = [text for _, text in files(options.hosts) if 500 < len(text) < 20_000]
    print_recall(tasks, index, random.Random(1).sample(hosts, min(MAX_HOSTS, len(hosts))))
    for path in options.labelled:
        print_labelled(path, index)
    for folder in options.clean:
        print_clean(folder, index)


if __name__ == "__main__":
    main()
