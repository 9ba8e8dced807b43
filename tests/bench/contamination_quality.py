"""How right `quire contamination` is: recall of known leaks by mutation, and files flagged falsely.

    python tests/bench/contamination_quality.py HOSTS [--eval NAME[=PATH] …]
        [--labelled FILE …] [--clean FOLDER …]

HOSTS is a folder of Parquet (repo, path, content) into whose files every task is leaked by every
mutation. The bands of `verdict` were chosen with HumanEval, MBPP and the files of corpus L and
TheAlgorithms in sight: of those the figures are optimistic, so give other tasks, hosts and releases.
A labelled file has JSON Lines with content, label (a task id, or null for none) and mutation or
variant. Of clean folders (which the stoplist must not know) every flagged file is listed.
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

from transforms.contamination.examine import Finding, examine
from transforms.contamination.patterns.stoplist import read_stoplist
from transforms.contamination.patterns.task_index import TaskIndex, make_index
from transforms.contamination.report.mutations import MUTATIONS, seeded
from transforms.contamination.verdict import HIT
from transforms.lib.eval_sets import EvalTask, read_eval

BATCH = 400  # texts at a time
HOSTS = 400


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and content of the files of a folder of Parquet, each content once."""
    seen = set()
    for file in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(BATCH, columns=["repo", "path", "content"]):
            for row in batch.to_pylist():
                digest = hashlib.sha256(row["content"].encode()).digest()
                if digest not in seen:
                    seen.add(digest)
                    yield f"{row['repo']}/{row['path']}", row["content"]


def hits(texts: Iterable[str], index: TaskIndex) -> Iterator[list[Finding]]:
    """The hits of each text."""
    stream = iter(texts)
    while batch := list(islice(stream, BATCH)):
        found: dict[int, list[Finding]] = defaultdict(list)
        for case in examine(pa.array(batch, pa.string()), index).findings:
            if case.verdict == HIT:
                found[case.row].append(case)
        yield from (found[row] for row in range(len(batch)))


def print_recall(tasks: list[EvalTask], index: TaskIndex, hosts: list[str]) -> None:
    """Every task by every mutation, in hosts by chance."""
    print("| mutation | seeded | recall |\n|---|---:|---:|")
    for name, mutate, line_end in MUTATIONS:
        rng = random.Random(name)
        leaks = [(number, mutate(task, rng)) for number, task in enumerate(tasks)]
        there = [(number, leak) for number, leak in leaks if leak is not None]
        texts = (seeded(rng.choice(hosts), leak, line_end, rng) for _, leak in there)
        told = zip(there, hits(texts, index), strict=True)
        found = sum(any(case.task == number for case in cases) for (number, _), cases in told)
        print(f"| {name} | {len(there)} | {found / max(1, len(there)):.3f} |", flush=True)


def print_labelled(path: Path, index: TaskIndex) -> None:
    """Recall by mutation or variant; of rows without a label, how many are flagged."""
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    ids = {held.task_id: number for number, held in enumerate(index.tasks)}
    seen, found = Counter(), Counter()
    for row, cases in zip(rows, hits((row["content"] for row in rows), index), strict=True):
        kind = row.get("mutation") or row.get("variant") or "all"
        seen[kind] += 1
        wanted = ids.get(row["label"])
        found[kind] += any(case.task == wanted for case in cases) if row["label"] else bool(cases)
    print(f"\n{path.name}: {sum(found.values())} of {sum(seen.values())}")
    for kind in seen:
        print(f"- {kind}: {found[kind]} of {seen[kind]}")


def print_clean(folder: Path, index: TaskIndex) -> None:
    """Files that are flagged though nobody leaked anything into them."""
    names: list[str] = []
    count = flagged = 0

    def contents() -> Iterator[str]:
        for name, content in files(folder):
            names.append(name)
            yield content

    for count, cases in enumerate(hits(contents(), index), 1):
        flagged += bool(cases)
        for case in cases:
            told = " ".join(f"{m.channel} {m.hit}/{m.total}" for m in case.matches)
            print(f"- {names[count - 1]} {index.tasks[case.task].task_id}: {told}")
    print(
        f"{folder}: {flagged} of {count:,} flagged ({2_000 * flagged / max(1, count):.2f} in 2,000)"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("hosts", type=Path)
    parser.add_argument("--eval", action="append", default=[], dest="evals")
    parser.add_argument("--labelled", action="append", default=[], type=Path)
    parser.add_argument("--clean", action="append", default=[], type=Path)
    options = parser.parse_args()
    tasks = [task for spec in options.evals or ["humaneval"] for task in read_eval(spec, {}).tasks]
    index = make_index(tasks, read_stoplist())
    hosts = [text for _, text in files(options.hosts) if 500 < len(text) < 20_000]
    print_recall(tasks, index, random.Random(1).sample(hosts, min(HOSTS, len(hosts))))
    for path in options.labelled:
        print_labelled(path, index)
    for folder in options.clean:
        print_clean(folder, index)


if __name__ == "__main__":
    main()
