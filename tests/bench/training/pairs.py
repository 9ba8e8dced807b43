"""Pairs to train and to measure on: a prompt and its solution."""

import hashlib
import random
from pathlib import Path
from typing import NamedTuple

import duckdb

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EvalTask, read_eval

HELD_OUT_SHARE = 5  # one repository in five, where none are named
LIKE = 8  # prompts of like length, among which solutions are shuffled
FUNCTIONS = """
SELECT repo, prompt, completion FROM read_parquet(?)
WHERE source = 'functions' AND copy = 0 ORDER BY md5(source || source_id)
"""


class Pair(NamedTuple):
    """A prompt and its solution; `repo` is the project, or the evaluation set."""

    repo: str
    prompt: str
    solution: str


def function_pairs(data: Path) -> list[Pair]:
    """The functions of DATA/examples, in an order that no seed of the feed changes.

    Raises UsageError if there are none.
    """
    shards = str(data / "examples" / "part-*.parquet")
    try:
        rows = duckdb.execute(FUNCTIONS, [shards]).fetchall()
    except duckdb.IOException as error:
        raise UsageError(f"{data}: no examples; `quire feed` makes them") from error
    if not rows:
        raise UsageError(f"{data}: no functions among the examples; `quire feed` makes them")
    return [Pair(*row) for row in rows]


def split_by_repository(pairs: list[Pair], held_out: list[str]) -> tuple[list[Pair], list[Pair]]:
    """The pairs to train on, and those of the repositories that are held out.

    These are the named ones; without names those whose sha256 is divisible by HELD_OUT_SHARE.
    Raises UsageError if no pair is left on one side.
    """
    repositories = {pair.repo for pair in pairs}
    held = set(held_out) or {name for name in repositories if _number(name) % HELD_OUT_SHARE == 0}
    parts = [p for p in pairs if p.repo not in held], [p for p in pairs if p.repo in held]
    if not all(parts):
        raise UsageError(f"held out: {', '.join(sorted(held)) or 'nothing'}; one side is empty")
    return parts


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest())


def digest(pairs: list[Pair]) -> str:
    """The sha256 of some pairs, as hex digits."""
    return hashlib.sha256(
        repr([tuple(pair) for pair in pairs]).encode(errors="replace")
    ).hexdigest()


def some(pairs: list[Pair], count: int) -> list[Pair]:
    """At most `count` pairs, the same at every run."""
    return random.Random(0).sample(pairs, min(count, len(pairs)))


def shuffled(pairs: list[Pair], seed: int) -> list[Pair]:
    """The same prompts in the same order, each with the solution of another prompt.

    Solutions change places among LIKE prompts of like length, so that the texts, their lengths and
    their format stay, and only what belongs together is lost.
    """
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].prompt))
    chance, found = random.Random(seed), list(pairs)
    for first in range(0, len(order), LIKE):
        group = order[first : first + LIKE]
        chance.shuffle(group)
        for at, other in zip(group, group[1:] + group[:1], strict=True):
            found[at] = pairs[at]._replace(solution=pairs[other].solution)
    return found


def evaluation_pairs(spec: str) -> list[Pair]:
    """The tasks of NAME or NAME=PATH with their canonical solutions.

    A prompt that does not begin the program, as MBPP's, is put before it as MBPP's authors do: as
    a docstring with the tests. Raises UsageError as `read_eval` does.
    """
    return [_pair(task) for task in read_eval(spec, {}).tasks if task.solutions]


def _pair(task: EvalTask) -> Pair:
    begins = task.solutions[0].startswith(task.prompt)
    prompt = task.prompt if begins else f'"""\n{task.prompt}\n{task.tests}\n"""\n'
    return Pair(task.suite, prompt, task.canonical_solution)
