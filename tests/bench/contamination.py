"""How fast `quire contamination` is with few and many tasks, beside other commands.

    python tests/bench/contamination.py FILES --tasks FILES [--rounds 2] [--other 'NAME=COMMAND' …]

Both FILES are folders of Parquet with repo, path, content. The first is checked; tasks are made of
real functions with docstrings in the second, which must be other releases, or every task would be
a true hit. Speeds are MB of text per CPU second on one core: of the first pass (read,
normalise, scan texts and views), of all channels (up to the rows of `hits`), and of the whole command with its start. A
COMMAND that does a similar job over the same files is measured in the same rounds.
"""

import argparse
import ast
import json
import random
import shlex
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq
from measure import measure, quire

from transforms.contamination.examine import examine, find_candidates
from transforms.contamination.hit_rows import hit_rows, hits_table, uncheckable
from transforms.contamination.patterns.stoplist import read_stoplist
from transforms.contamination.patterns.task_index import (
    TaskIndex,
    dump_index,
    load_index,
    make_index,
)
from transforms.contamination.units import TextRows, TextTable, plan_texts, read_texts
from transforms.lib.eval_sets import read_eval
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import functions
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import blanked

TASK_COUNTS = (164, 1_138, 5_000)  # HumanEval; HumanEval and MBPP; many
TABLE = TextTable("files", "row", ("content",), "")
FUNCTION_LINES = range(5, 60)  # of a function that a task is made of


def made_tasks(folder: Path, count: int) -> Iterator[dict]:
    """Up to `count` tasks made of different real functions, of about half of the files."""
    rng, programs = random.Random(1), set()
    for file in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(200, columns=["content"]):
            for content in batch["content"].to_pylist():
                tree = parse_or_none(content) if rng.random() < 0.5 else None
                lines = content.split("\n") if tree else []
                for function in functions(tree) if tree else ():
                    doc = ast.get_docstring(function) or ""
                    of_function = lines[function.lineno - 1 : function.end_lineno]
                    program = textwrap.dedent("\n".join(of_function))
                    if (
                        len(doc) > 80
                        and len(of_function) in FUNCTION_LINES
                        and program not in programs
                    ):
                        programs.add(program)
                        yield made_task(len(programs), function.name, doc, program, rng)
                        if len(programs) == count:
                            return


def made_task(number: int, name: str, doc: str, program: str, rng: random.Random) -> dict:
    """One task, as a JSON object; its tests call the function with random numbers and strings."""
    calls = (
        f"assert {name}({rng.randrange(99)}, [{rng.randrange(999)}, {rng.randrange(9)}], "
        f"'k{rng.randrange(999)}') == {rng.randrange(9_999)}"
        for _ in range(8)
    )
    return {
        "task_id": str(number),
        "entry_point": name,
        "doc": doc,
        "solutions": [program],
        "tests": "\n".join(calls),
    }


def units_of(folder: Path) -> list[Unit]:
    """The work units that the stage would make of the files."""
    files = list(map(str, sorted(folder.glob("*.parquet"))))
    return plan_texts([(TABLE, files)])[0]


def megabytes(folder: Path) -> float:
    """How many MB of text the files hold."""
    tables = (pq.read_table(file, columns=["content"]) for file in folder.glob("*.parquet"))
    return sum(table["content"].nbytes for table in tables) / 1e6


def first_pass(texts: TextRows, index: TaskIndex) -> int:
    """Run the first pass over a batch; returns the number of candidates."""
    content = blanked(texts.content, uncheckable(texts))
    return sum(1 for _ in find_candidates(content, index))


def all_channels(texts: TextRows, index: TaskIndex) -> int:
    """Do all that the stage does with a batch; returns the number of rows of `hits`."""
    examined = examine(blanked(texts.content, uncheckable(texts)), index)
    return len(hits_table(hit_rows(TABLE, texts, examined.findings)))


def seconds(
    job: Callable[[TextRows, TaskIndex], int], units: list[Unit], index: TaskIndex
) -> float:
    """CPU seconds of a job over all units."""
    begin = time.process_time()
    for unit in units:
        for texts in read_texts(TABLE, unit):
            job(texts, index)
    return time.process_time() - begin


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--other", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    size = megabytes(options.files)
    made = list(made_tasks(options.tasks, max(TASK_COUNTS)))
    print(f"{size:,.0f} MB of text\n", flush=True)
    print(
        "| tasks | index s | index MB | first pass MB/s | all channels MB/s | command MB/s | peak MB |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        for count in TASK_COUNTS:
            print_row(options, made[:count], size, Path(scratch))
        for other in options.other:
            name, _, command = other.partition("=")
            runs = [
                measure(shlex.split(command), Path(scratch, "log")) for _ in range(options.rounds)
            ]
            print(
                f"| {name} | | | | | {size / median(run.cpu for run in runs):.1f} "
                f"| {max(run.peak_mb for run in runs):,.0f} |",
                flush=True,
            )


def print_row(options: argparse.Namespace, made: list[dict], size: float, scratch: Path) -> None:
    """Measure with these tasks, and print a row of the table."""
    path = scratch / "tasks.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in made))
    begin = time.process_time()
    content = dump_index(make_index(read_eval(f"made={path}", {}).tasks, read_stoplist()))
    built = time.process_time() - begin
    index, units = load_index(content), units_of(options.files)
    seconds(all_channels, units[:1], index)  # compiles the kernels, where it is the first time
    figures: dict[str, list[float]] = {"first": [], "all": [], "command": [], "peak": []}
    command = quire(
        "contamination",
        scratch / "data",
        "--files",
        options.files / "*.parquet",
        "--eval",
        f"made={path}",
        "--workers=1",
        "--overwrite",
    )
    for _ in range(options.rounds):
        figures["first"].append(size / seconds(first_pass, units, index))
        figures["all"].append(size / seconds(all_channels, units, index))
        run = measure(command, scratch / "log")
        figures["command"].append(size / run.cpu)
        figures["peak"].append(run.peak_mb)
    speeds = " | ".join(f"{median(figures[name]):.1f}" for name in ("first", "all", "command"))
    print(
        f"| {len(made):,} | {built:.1f} | {index.nbytes / 1e6:.1f} | {speeds} "
        f"| {max(figures['peak']):,.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
