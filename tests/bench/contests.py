"""What `quire contests` makes of real sources, and which references pass, in the sandbox.

    python tests/bench/contests.py [--data DATA] [--disagree] [leetcode:TREE/solution exercism:TREE …]

Runs the stage on the sources (without any, DATA is read as it is). The first table: what was seen,
what became of it, and of how many problems a reference passes every test, under the problem's rule
(a `checker` has none: there as if exact); `lacking` are those of no passing reference that require
a library, which this sandbox has not. The second: problems by rule. Then, one a line, problems
that no solution passes, and those that solutions disagree about: on their tests, or, with
--disagree, on tests with one value of their input changed, which also shows inputs that no
statement allows. Both are to be read by hand: a wrong rule is among them.
"""

import argparse
import ast
import collections
import concurrent.futures
import copy
import functools
import os
import random
import tempfile
from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines import cli
from transforms.lib.sandbox import Limits, Returned, Sandbox
from transforms.lib.trials.compare_values import EXACT_RULE, AnswerRule, equal, tokens_agree

LIMITS = Limits(wall=60.0, cpu=10, memory=1 << 30, output=8 << 20)
SEEN = """
    SELECT source, sum(problems), sum(kept) FROM '{0}/contest_sources/*.parquet' GROUP BY source"""
REASONS = """
    SELECT reason, count(*) FROM '{0}/rejects/contests/*.parquet' WHERE {1} GROUP BY reason
    ORDER BY count(*) DESC, reason"""
PROBLEMS = "SELECT * FROM '{0}/contest_problems/*.parquet' ORDER BY source, path, entry_point"
CHANGED = 16  # inputs, of a problem
Results = list[Any]  # of one solution, for each input: a value, a text, or what went wrong

# A name that no program has, for what calls it as `tests` want it.
CALL = "\n\ndef _quire_call(*arguments):\n    return call({}, arguments)\n"


@functools.cache
def sandbox() -> Sandbox:
    """This process's own."""
    return Sandbox()


def results(problem: dict, program: str, inputs: list) -> Results:
    if problem["kind"] == "stdio":
        runs = [sandbox().stdio(program, text, LIMITS) for text in inputs]
        return [run.stdout if not run.failed else run for run in runs]
    entry = problem["entry_point"]
    if problem["harness"]:
        program, entry = f"{program}\n\n{problem['harness']}{CALL.format(entry)}", "_quire_call"
    got = sandbox().calls(program, entry, inputs, LIMITS)
    values = [each.value if isinstance(each, Returned) else each for each in got.outcomes]
    return values + [got.failed or got.ending] * (len(inputs) - len(values))


def agrees(problem: dict, expected: Any, got: Any) -> bool:
    kind = problem["compare"]
    if problem["kind"] == "stdio":
        fold = str.casefold if kind == "tokens_caseless" else str
        texts = isinstance(got, str) and isinstance(expected, str)
        return texts and tokens_agree(fold(expected), fold(got), problem["tolerance"] or 0.0)
    exact = kind in ("checker", "inplace")
    return equal(expected, got, EXACT_RULE if exact else AnswerRule.of(kind, problem["tolerance"]))


def judged(problem: dict, disagree: bool) -> dict:
    """Which solutions pass, and what to look at."""
    plain = problem["kind"] == "stdio"
    value = str if plain else ast.literal_eval
    inputs = [value(test["input"]) for test in problem["tests"]]
    expected = [value(test["output"]) for test in problem["tests"]]
    passes, shown = list[bool](), ""
    for program in problem["solutions"]:
        got = results(problem, program, inputs)
        wrong = [
            case
            for case in zip(inputs, expected, got, strict=True)
            if not agrees(problem, case[1], case[2])
        ]
        passes.append(not wrong)
        shown = shown or (str(wrong[0]) if wrong else "")
    told = {
        name: problem[name] for name in ("source", "path", "entry_point", "compare", "requires")
    }
    if disagree and not plain and all(passes) and len(passes) > 1:
        shown = disagreement(problem, inputs)
    return told | {"passes": passes, "shown": shown[:300]}


def disagreement(problem: dict, inputs: list) -> str:
    """An input, of those changed at random, that two solutions give other answers for."""
    draw = random.Random(problem["problem_id"])
    tried = [changed(draw.choice(inputs), draw) for _ in range(CHANGED)]
    every = [results(problem, program, tried) for program in problem["solutions"]]
    for given, *answers in zip(tried, *every, strict=True):
        if any(not agrees(problem, answers[0], answer) for answer in answers[1:]):
            return str((given, answers))
    return ""


def changed(value: Any, draw: random.Random) -> Any:
    """A value with one part of it changed a little, or in another order."""
    if isinstance(value, bool) or not value:
        return value
    if isinstance(value, int):
        return max(1, value + draw.choice([-1, 0, 1])) if value > 0 else value
    if isinstance(value, str | list | tuple):
        parts = list(copy.deepcopy(value))
        if isinstance(value, str) or (isinstance(value, list) and draw.random() < 0.3):
            draw.shuffle(parts)
        elif len(parts) > 2 and isinstance(value, list) and draw.random() < 0.2:
            parts.pop(draw.randrange(len(parts)))
        else:
            at = draw.randrange(len(parts))
            parts[at] = changed(parts[at], draw)
        return "".join(parts) if isinstance(value, str) else type(value)(parts)
    return value


def all_judged(problems: list[dict], disagree: bool) -> list[dict]:
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(judged, problems, [disagree] * len(problems), chunksize=16))


def tables(data: str, problems: list[dict], found: list[dict]) -> Iterator[str]:
    yield f"{'source':16}{'seen':>7}{'problems':>9}{'ref passes':>11}{'all pass':>9}{'lacking':>8}  rejects"
    passing = collections.Counter(each["source"] for each in found if any(each["passes"]))
    whole = collections.Counter(each["source"] for each in found if all(each["passes"]))
    lacking = collections.Counter(
        each["source"] for each in found if each["requires"] and not any(each["passes"])
    )
    for source, seen, kept in duckdb.sql(SEEN.format(data)).fetchall():
        repos = {problem["repo"] for problem in problems if problem["source"] == source}
        where = " OR ".join(f"repo = '{repo}'" for repo in sorted(repos)) or "false"
        reasons = duckdb.sql(REASONS.format(data, where)).fetchall()
        told = ", ".join(f"{reason} {count}" for reason, count in reasons)
        numbers = f"{seen:7}{kept:9}{passing[source]:11}{whole[source]:9}{lacking[source]:8}"
        yield f"{source:16}{numbers}  {told}"
    rules = collections.Counter((each["source"], each["compare"]) for each in found)
    good = collections.Counter((e["source"], e["compare"]) for e in found if any(e["passes"]))
    yield f"\n{'source':16}{'rule':20}{'problems':>9}{'ref passes':>11}"
    for (source, rule), count in sorted(rules.items()):
        yield f"{source:16}{rule:20}{count:9}{good[source, rule]:11}"
    for title, wanted in (("no solution passes", False), ("solutions disagree", True)):
        yield f"\n{title}:"
        for each in found:
            if each["shown"] and any(each["passes"]) == wanted:
                yield " ".join(f"{each[n]}" for n in ("path", "entry_point", "compare", "shown"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--data", default=tempfile.gettempdir() + "/quire-bench-contests")
    parser.add_argument("--disagree", action="store_true", help="try inputs of other values, too")
    options = parser.parse_args()
    if options.sources and cli.main(["contests", options.data, *options.sources, "--overwrite"]):
        raise SystemExit(1)
    query = duckdb.sql(PROBLEMS.format(options.data))
    problems = [dict(zip(query.columns, row, strict=True)) for row in query.fetchall()]
    print(*tables(options.data, problems, all_judged(problems, options.disagree)), sep="\n")


if __name__ == "__main__":
    main()
