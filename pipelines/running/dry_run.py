"""--dry-run: what a stage would read, do and write, and what becomes of what is there."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pipelines.running.earlier_runs import differs, harms
from pipelines.running.job import Job, Stage
from pipelines.running.run_records import bytes_read
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.amounts import amount, shown_bytes


def foretell(stage: Stage, job: Job, options: argparse.Namespace) -> None:
    """Print what a run of the job would do; nothing is written, no source is asked for files."""
    print("\n".join((job.description, *(f"  {line}" for line in _lines(stage, job, options)))))


def _lines(stage: Stage, job: Job, options: argparse.Namespace) -> Iterator[str]:
    yield from job.foretold()
    if reads := _reads(stage.data, job):
        yield f"reads {reads}"
    rows = f", {amount(job.rows, 'row')}" if job.rows else ""
    yield f"work: {amount(len(job.units), 'unit')}{rows}"
    yield f"writes {', '.join(stage.datasets)}"
    yield from lines_of_what_is_there(stage.data, stage.datasets)
    for name in job.obsolete:
        if there := rows_there(stage.data, name):
            yield f"removes {name}: {there}"
    yield outlook(stage, job, options)


def _reads(data: Storage, job: Job) -> str:
    """The datasets and files that a job reads, and how many bytes they have."""
    named = [f"{name} ({rows_there(data, name) or 'nothing'})" for name in job.inputs]
    named += [amount(len(job.files), "file")] * bool(job.files)
    size = bytes_read(data, job)
    return ", ".join(named) + (f": {shown_bytes(size)}" if named and size else "")


def lines_of_what_is_there(data: Storage, datasets: Iterable[str]) -> Iterator[str]:
    """A line for each of these datasets that is committed already."""
    for name in datasets:
        if there := rows_there(data, name):
            yield f"{name} is there: {there}"


def rows_there(data: Storage, dataset: str) -> str:
    """How many rows of how many bytes a committed dataset has; empty if it is not committed."""
    manifest = read_manifest(data, dataset)
    if manifest is None:
        return ""
    return f"{amount(manifest['rows'], 'row')}, {shown_bytes(manifest['bytes'])}"


def outlook(stage: Stage, job: Job, options: argparse.Namespace) -> str:
    """What would become of what an earlier run has left, in a sentence."""
    if not stage.begun():
        return f"{stage.name} has not run here yet"
    if options.overwrite:
        return "--overwrite: what is there stays until the run has ended, then it is replaced"
    if not options.resume:
        return "it would refuse, as it has run here: --resume finishes it, --overwrite starts anew"
    harmed = harms(stage, job)
    if difference := differs(stage, job, harmed):
        if options.renew:
            return f"it would start anew, as it ran here with {difference}"
        return f"it would refuse, as it ran here with {difference}: --overwrite starts anew"
    if done := stage.markers():
        return f"--resume: it goes on; {done:,} of {max(done, job.markers):,} steps are done"
    if harmed:
        return f"--resume: it makes anew what {amount(len(harmed), 'damaged shard')} held"
    if job.more or not stage.committed() or stage.replaced_by():
        return "--resume: it goes on, and keeps what is there"
    return "--resume: nothing is left to do"


def counted_kinds(sources: Sequence[str]) -> list[str]:
    """How many sources there are of each kind, a line each.

    >>> counted_kinds(["dir:a", "dir:b", "taco:c"])
    ['dir: 2 sources', 'taco: 1 source']
    """
    kinds = Counter(source.partition(":")[0] for source in sources)
    return [f"{kind}: {amount(count, 'source')}" for kind, count in kinds.items()]
