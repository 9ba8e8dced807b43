"""sample: draws completions of tasks from an OpenAI-style endpoint, for `quire evaluate`."""

import argparse
import math
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace

from pipelines.running.flags import positive_number
from pipelines.running.progress import progress
from transforms.lib.errors import UsageError
from transforms.sample.chat_prompt import SYSTEM
from transforms.sample.draw_samples import Request, SamplePool, missing_samples
from transforms.sample.endpoint.address import Endpoint
from transforms.sample.endpoint.capabilities import PER_REQUEST, Capabilities
from transforms.sample.endpoint.choices import Completion
from transforms.sample.endpoint.client import Client
from transforms.sample.endpoint.decoding_settings import Settings
from transforms.sample.endpoint.request_body import body_fields
from transforms.sample.run_messages import RunMessages
from transforms.sample.sample_file import SampleFile
from transforms.sample.sample_warnings import SampleWarnings
from transforms.sample.tasks import Prompt, read_prompts

EPILOG = """TASKS is an evaluation set (humaneval, NAME=PATH), DATA with problems, or JSON Lines
with task_id and prompt. The environment names the endpoint: OPENAI_BASE_URL (such as
http://localhost:8000/v1) and OPENAI_API_KEY. The paper draws -n 200 with --temperature 0.2
for pass@1 and 0.8 for pass@100, and -n 100 to filter problems.

Base models complete prompts; models tuned to follow instructions need --chat, and most hosted
ones have nothing else. Servers may add settings of their own (top_k, min_p, a repetition
penalty): --body sets them, and null there leaves out a field that a server refuses.

examples:
  quire sample humaneval --out samples.jsonl --model codex -n 200 --logprobs
  quire sample humaneval --out samples.jsonl --model codex -n 200 --logprobs --resume
  quire sample humaneval --out chat.jsonl --model instruct --chat --max-tokens 1024
  quire sample mbpp=mbpp.jsonl --out m.jsonl --model codex --body '{"top_k": 0, "min_p": 0}'
  quire sample humaneval --out o.jsonl --model o1 --chat --body '{"temperature": null}'
  quire sample ./data --out ours.jsonl --model codex -n 100      # for verify
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("tasks", metavar="TASKS", help="what to sample, see below")
    parser.add_argument("--out", required=True, metavar="FILE", help="JSON Lines to append to")
    parser.add_argument("--model", required=True, metavar="NAME", help="as the endpoint names it")
    _number(parser, "-n", "samples of each task", 1, dest="count")
    parser.add_argument("--limit", type=positive_number, metavar="N", help="only the first N tasks")
    parser.add_argument("--resume", action="store_true", help="add what is missing in FILE")
    parser.add_argument("--overwrite", action="store_true", help="start FILE anew")
    _add_decoding(parser)
    _add_chat(parser)
    _add_requesting(parser)


def _number(
    parser: ArgumentParser, flag: str, meaning: str, default: int, dest: str | None = None
) -> None:
    parser.add_argument(
        flag,
        dest=dest,
        type=positive_number,
        default=default,
        metavar="N",
        help=f"{meaning} (default: {default})",
    )


def _add_decoding(parser: ArgumentParser) -> None:
    parser.add_argument("--temperature", type=float, default=0.2, metavar="T", help="default: 0.2")
    parser.add_argument("--top-p", type=float, default=0.95, metavar="P", help="default: 0.95")
    _number(parser, "--max-tokens", "longest completion", 512)
    parser.add_argument(
        "--stop",
        action="append",
        metavar="TEXT",
        help="end completions before TEXT, in place of the set's stop sequences; repeatable",
    )
    parser.add_argument("--no-stop", action="store_true", help="end completions at no sequence")
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="from which each request's own seed is derived (default: 0)",
    )
    parser.add_argument(
        "--body",
        type=body_fields,
        default={},
        metavar="JSON",
        help="further fields of every request; null leaves one out",
    )
    parser.add_argument("--logprobs", action="store_true", help="keep log-probabilities")


def _add_chat(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--chat", action="store_true", help="ask a chat model (/chat/completions) for the code"
    )
    parser.add_argument(
        "--system", metavar="TEXT", help="system message of a chat (default: see the README)"
    )
    parser.add_argument("--no-system", action="store_true", help="no system message")
    parser.add_argument("--reasoning-effort", metavar="LEVEL", help="such as low, of a chat")


def _add_requesting(parser: ArgumentParser) -> None:
    _number(parser, "--at-once", "requests at a time", 8)
    _number(parser, "--per-request", "samples that one request asks for", PER_REQUEST)
    parser.add_argument(
        "--request-timeout",
        type=_seconds,
        default=300.0,
        metavar="SECONDS",
        help="for one try of a request (default: 300)",
    )
    _number(parser, "--tries", "attempts at a request", 8)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e6:  # false for what is no number
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def run(options: Namespace) -> int:
    """Draw the missing samples; returns 0 when every task has its samples."""
    settings = _settings(options)
    endpoint = _endpoint(options)
    prompts = _prompts(options)
    file = SampleFile(options.out, settings, endpoint.public)
    try:
        there = file.begin(prompts, resume=options.resume, overwrite=options.overwrite)
        missing = list(missing_samples(prompts, options.count, there, options.per_request))
        _draw(options, missing, settings, endpoint, file)
    finally:
        file.end()
    total = sum(len(numbers) for _, numbers in missing)
    print(f"sample: {total} new samples of {len(prompts)} tasks in {options.out}", file=sys.stderr)
    return 0


def _settings(options: Namespace) -> Settings:
    """How samples are drawn. Raises UsageError for flags that contradict one another."""
    of_chat = ("system", "no_system", "reasoning_effort")
    given = next((name for name in of_chat if getattr(options, name)), None)
    if given and not options.chat:
        raise UsageError(f"--{given.replace('_', '-')} needs --chat")
    if options.system and options.no_system:
        raise UsageError("--system and --no-system: only one of them")
    if options.stop and options.no_stop:
        raise UsageError("--stop and --no-stop: only one of them")
    for flag, value in (("--temperature", options.temperature), ("--top-p", options.top_p)):
        if not 0 <= value < math.inf:
            raise UsageError(f"{flag}: {value} is not a number from 0")
    return Settings(
        options.model,
        options.temperature,
        options.top_p,
        options.max_tokens,
        chat=options.chat,
        system=(options.system or SYSTEM) if options.chat and not options.no_system else None,
        reasoning_effort=options.reasoning_effort,
        logprobs=options.logprobs,
        body=options.body,
    )


def _endpoint(options: Namespace) -> Endpoint:
    base, key = (os.environ.get(name, "").strip() for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"))
    return Endpoint(base, key or None, options.request_timeout, options.tries)


def _prompts(options: Namespace) -> list[Prompt]:
    """What to ask for, in order, with the stop sequences that the flags want."""
    prompts = read_prompts(options.tasks)[: options.limit]
    if options.chat:
        prompts = [prompt.in_chat() for prompt in prompts]
    if options.stop or options.no_stop:
        stops = tuple(options.stop or ())
        prompts = [replace(prompt, stops=stops) for prompt in prompts]
    return prompts


def _draw(
    options: Namespace,
    missing: Sequence[Request],
    settings: Settings,
    endpoint: Endpoint,
    file: SampleFile,
) -> None:
    """Draw the missing samples into the file, and warn of what looks wrong about them."""
    messages = RunMessages()
    warnings = SampleWarnings(settings, messages)
    server = Capabilities(messages, options.per_request)

    def keep(prompt: Prompt, numbers: Sequence[int], completions: list[Completion]) -> None:
        file.append(prompt, numbers, completions)
        warnings.add(prompt.task_id, completions)

    pool = SamplePool(
        lambda sleep, stopped: Client(endpoint, settings, server, sleep, stopped),
        keep,
        options.at_once,
        options.seed,
    )
    total = sum(len(numbers) for _, numbers in missing)
    with progress("sample", "samples", total, lambda: warnings.samples, sys.stderr, messages.news):
        pool.draw(iter(missing))
    for line in warnings.lines():
        print(f"sample: {line}", file=sys.stderr)
