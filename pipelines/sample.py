"""sample: draws completions of tasks from an OpenAI-style endpoint, for `quire evaluate`."""

import os
import sys
from argparse import ArgumentParser, Namespace

from pipelines.running.flags import positive_number
from pipelines.running.progress import progress
from transforms.lib.errors import UsageError
from transforms.sample.draw_samples import SamplePool, missing_samples
from transforms.sample.endpoint import Endpoint, Settings
from transforms.sample.sample_file import SampleFile
from transforms.sample.tasks import read_prompts

EPILOG = """TASKS is an evaluation set (humaneval, NAME=PATH), DATA with problems, or JSON Lines
with task_id and prompt. The environment names the endpoint: OPENAI_BASE_URL (such as
http://localhost:8000/v1) and OPENAI_API_KEY. The paper draws -n 200 with --temperature 0.2
for pass@1 and 0.8 for pass@100, and -n 100 to filter problems.

examples:
  quire sample humaneval --out samples.jsonl --model codex -n 200 --logprobs
  quire sample humaneval --out samples.jsonl --model codex -n 200 --logprobs --resume
  quire sample ./data --out ours.jsonl --model codex -n 100      for verify --samples
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("tasks", metavar="TASKS", help="what to sample, see below")
    parser.add_argument("--out", required=True, metavar="FILE", help="JSON Lines to append to")
    parser.add_argument("--model", required=True, metavar="NAME", help="as the endpoint names it")
    parser.add_argument(
        "-n",
        dest="count",
        type=positive_number,
        default=1,
        metavar="N",
        help="samples of each task (default: 1)",
    )
    parser.add_argument("--temperature", type=float, default=0.2, metavar="T", help="default: 0.2")
    parser.add_argument("--top-p", type=float, default=0.95, metavar="P", help="default: 0.95")
    parser.add_argument(
        "--max-tokens",
        type=positive_number,
        default=512,
        metavar="N",
        help="longest completion (default: 512)",
    )
    parser.add_argument(
        "--no-stop",
        action="store_true",
        help="do not end completions at the paper's stop sequences",
    )
    parser.add_argument("--logprobs", action="store_true", help="keep log-probabilities")
    parser.add_argument(
        "--at-once",
        type=positive_number,
        default=8,
        metavar="N",
        help="requests at a time (default: 8)",
    )
    parser.add_argument(
        "--tries",
        type=positive_number,
        default=8,
        metavar="N",
        help="attempts at a request (default: 8)",
    )
    parser.add_argument("--limit", type=positive_number, metavar="N", help="only the first N tasks")
    parser.add_argument("--resume", action="store_true", help="add what is missing in FILE")
    parser.add_argument("--overwrite", action="store_true", help="start FILE anew")


def run(options: Namespace) -> int:
    """Draw the missing samples; returns 0 when every task has its samples."""
    base = os.environ.get("OPENAI_BASE_URL", "").rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise UsageError("OPENAI_BASE_URL: set it to the endpoint, such as http://HOST:PORT/v1")
    prompts = read_prompts(options.tasks)[: options.limit]
    if options.no_stop:
        prompts = [type(prompt)(prompt.task_id, prompt.prompt, ()) for prompt in prompts]
    settings = Settings(options.model, options.temperature, options.top_p, options.max_tokens)
    file = SampleFile(options.out, settings)
    there = file.begin(resume=options.resume, overwrite=options.overwrite)
    missing = list(missing_samples(prompts, options.count, there))
    endpoint = Endpoint(base, os.environ.get("OPENAI_API_KEY"), tries=options.tries)
    pool = SamplePool(endpoint, settings, options.logprobs, options.at_once)
    total = sum(count for _, count in missing)
    drawn = 0
    with progress("sample", "samples", total, lambda: drawn, sys.stderr):
        for task_id, completions in pool.draw(iter(missing)):
            file.append(task_id, completions)
            drawn += len(completions)
    print(f"sample: {total} new samples of {len(prompts)} tasks in {options.out}", file=sys.stderr)
    return 0
