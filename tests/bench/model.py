"""What `quire corpus` costs by step, and from it what it costs on a cluster.

    python tests/bench/model.py FILES [FILES …] [--workers 100]

FILES are folders of Parquet with repo, path, content, the largest last. Every step is timed without
what it feeds, and all that it sends over a shuffle is counted as a cluster would carry it. The
table of terabytes multiplies what the largest corpus costs a file.
"""

import argparse
import functools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow.parquet as pq

from pipelines import cli
from transforms.corpus import (
    bands,
    component_sizes,
    exact,
    find_duplicates,
    last_undecided,
    near,
    signals,
    winners_ranks,
)
from transforms.corpus import stage as corpus_stage
from transforms.lib.duplicates import candidates
from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.duplicates.rounds import IN_BUCKET
from transforms.lib.skeleton import commit, planned_units, write_units
from transforms.lib.skeleton.exchange import partition_count
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.units import MAX_UNITS, UNIT_BYTES

STEPS = (
    planned_units.ReadPlan,
    signals.SignUnit,
    exact.DescribeTies,
    bands.BandUnit,
    candidates.JoinBands,
    candidates.AssignComponents,
    near.DescribeMembers,
    near.RequestShingles,
    near.WriteShingles,
    near.ResolveNear,
    write_units.WriteUnit,
    commit.Commit,
)
RANGE_BYTES = 200  # of a file's place in the winners' order, in the worker of a range of it
FUNCTIONS = ("find_ties", "choose_exact", "decide")
TERABYTES = (1, 10, 100)


@dataclass
class Costs:
    """Of one run: seconds by step; bytes sent by tag, in all and to the key that got most."""

    seconds: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    by_key: Counter[tuple[str, int]] = field(default_factory=Counter)
    components: list[np.ndarray] = field(default_factory=list)

    def watched(self, name: str, process: Callable) -> Callable:
        """`process`, with the time between its results counted for it, and what it sends."""

        @functools.wraps(process)
        def watching(*arguments: Any) -> Iterator[Any]:
            begin = time.process_time()
            results = iter(process(*arguments) or ())
            for result in results:
                self.seconds[name] += time.process_time() - begin
                self.count(result)
                yield result
                begin = time.process_time()
            self.seconds[name] += time.process_time() - begin

        return watching

    def count(self, result: Any) -> None:
        """A value of the exchange; markers and plans are none."""
        match result:
            case (int(key), (str(tag), bytes(content))):
                tag = tag.split()[0]
                self.sent[tag] += len(content)
                self.by_key[tag, key] += len(content)
                if tag == "member":
                    self.components.append(np.frombuffer(content, COMPONENT_OF_ROW)["component"])

    def most(self, tag: str) -> int:
        """Bytes of a tag that one key got."""
        return max(size for (kind, _), size in self.by_key.items() if kind == tag)

    def largest_component(self) -> int:
        """Its members."""
        return int(np.unique(np.concatenate(self.components), return_counts=True)[1].max())


@dataclass(frozen=True)
class Corpus:
    """A folder of Parquet, and what a run on it cost."""

    name: str
    files: int
    size: int
    costs: Costs


def run(folder: Path) -> Corpus:
    """One run with one worker in this process, its values in the shuffle."""
    costs = Costs()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as data:
        for step in STEPS:
            process = costs.watched(step.__name__, step.process)
            stack.enter_context(mock.patch.object(step, "process", process))
        for name in FUNCTIONS:
            function = getattr(find_duplicates, name)
            for module in (find_duplicates, sys.modules[function.__module__]):
                stack.enter_context(mock.patch.object(module, name, costs.watched(name, function)))
        stack.enter_context(mock.patch.object(Spill, "write", _in_the_shuffle))
        assert cli.main(["corpus", data, f"--files={folder}/*.parquet", "--workers=1"]) == 0
    tables = [pq.read_table(file, columns=["content"]) for file in folder.glob("*.parquet")]
    size = sum(table["content"].nbytes for table in tables)
    return Corpus(folder.name, sum(map(len, tables)), size, costs)


def _in_the_shuffle(_spill: Spill, _name: str, values: Iterable[Any]) -> Iterator[Any]:
    yield from values


def print_steps(corpora: list[Corpus]) -> None:
    """Microseconds and bytes a file."""
    names = " | ".join(f"{corpus.name} ({corpus.files:,} files)" for corpus in corpora)
    print(f"| µs of CPU a file | {names} |\n|---|{'---:|' * len(corpora)}")
    for step in corpora[-1].costs.seconds:
        spent = (1e6 * c.costs.seconds[step] / c.files for c in corpora)
        print(f"| {step} | {' | '.join(f'{each:.1f}' for each in spent)} |")
    total = (1e6 * sum(c.costs.seconds.values()) / c.files for c in corpora)
    print(f"| all | {' | '.join(f'{each:.1f}' for each in total)} |")
    print(
        f"\n| shuffled | bytes a file: {names} | most to one key, MB |\n|---|{'---:|' * (len(corpora) + 1)}"
    )
    for tag in corpora[-1].costs.sent:
        sent = " | ".join(f"{c.costs.sent[tag] / c.files:.1f}" for c in corpora)
        print(f"| {tag} | {sent} | {corpora[-1].costs.most(tag) / 1e6:.2f} |")
    total = (sum(c.costs.sent.values()) / c.files for c in corpora)
    print(f"| all | {' | '.join(f'{each:.1f}' for each in total)} | |")
    for corpus in corpora:
        print(
            f"\n{corpus.name}: {corpus.size / corpus.files:,.0f} bytes a file, largest component "
            f"{corpus.costs.largest_component():,} files",
            end="",
        )
    print("\n")


def print_terabytes(corpus: Corpus, workers: int) -> None:
    """What a run on so many terabytes would cost."""
    files, costs = corpus.files, corpus.costs
    seconds = sum(costs.seconds.values()) / files
    share = costs.largest_component() / files
    member = (costs.sent["described"] + costs.sent["member"]) / sum(map(len, costs.components))
    print(
        f"| source | files | hours on {workers} workers | shuffled, TB | units | partitions "
        "| most edges with a worker, GB | largest component, files | GB in one worker "
        "| GB of it with a worker |"
    )
    print("|---:|" + "---:|" * 9)
    for terabytes in TERABYTES:
        count = int(terabytes * 1e12 / corpus.size * files)
        partitions = partition_count(count)
        alone = partitions <= candidates.ONE_WORKER_PARTITIONS
        edges = costs.sent["edge"] / files * count / (1 if alone else partitions)
        print(
            f"| {terabytes} TB | {count / 1e6:,.0f} M | {seconds * count / workers / 3600:,.2f} "
            f"| {sum(costs.sent.values()) / files * count / 1e12:,.2f} "
            f"| {min(MAX_UNITS, terabytes * 1e12 / UNIT_BYTES):,.0f} | {partitions:,} "
            f"| {edges / 1e9:,.2f} | {share * count:,.0f} | {share * count * member / 1e9:,.2f} "
            f"| {most_of_component(share * count, member, partitions) / 1e9:,.2f} |"
        )


def most_of_component(files: float, member: float, partitions: int) -> float:
    """Bytes of the largest component with one worker, where it has so many files.

    Above MOST_FILES it is decided in rounds: a worker holds a partition of the buckets of one band,
    a range of the winners' order, or in the end at most MOST_FILES that no round has decided.
    """
    if files <= component_sizes.MOST_FILES:
        return files * member
    return max(
        files / partitions * IN_BUCKET.itemsize,
        files / winners_ranks.RANGES * RANGE_BYTES,
        component_sizes.MOST_FILES * last_undecided.UNDECIDED.itemsize,
    )


def main() -> None:
    """Measure and print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--workers", type=int, default=100)
    options = parser.parse_args()
    corpus_stage.warm_up()
    corpora = [run(folder) for folder in options.files]
    print_steps(corpora)
    print_terabytes(corpora[-1], options.workers)


if __name__ == "__main__":
    main()
