"""How strong the tests of `quire strengthen` are: on solutions that were held out.

python -m tests.bench.strength DATA [--every N] [--wrong FOLDER]

Each problem of DATA that has several solutions is strengthened with the first one alone. Then the
others, which nothing was tuned to, run on the tests that were made: a right solution that fails one
shows a test that is wrong. FOLDER holds wrong programs, NAME_entry_point.py each: they must fail.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transforms.lib.problems.problem_units import committed_problems, plan_problems, read_problems
from transforms.lib.sandbox import Sandbox
from transforms.lib.skeleton.storage import Storage
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.lib.trials.rules_to_try import rules_to_try
from transforms.lib.trials.trial import Trial, tightest_rule, try_program
from transforms.strengthen.strengthening import Strengthened, strengthen_problem

Row = dict[str, Any]


def main() -> None:
    """Strengthen, run what was held out, print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth problem")
    parser.add_argument("--wrong", metavar="FOLDER", help="wrong programs, NAME_entry_point.py")
    options = parser.parse_args()
    rows = list(problem_rows(options.data))
    counts, seconds = Counter[str](), list[float]()
    with Sandboxes() as sandboxes:
        if options.wrong:
            try_wrong(rows, options.wrong, sandboxes)
        several = [r for r in rows if len(r["solutions"]) > 1 and r["compare"] != "checker"]
        for row in several[:: options.every]:
            begin = time.process_time()
            made = strengthen_problem(row | {"solutions": row["solutions"][:1]}, sandboxes)
            seconds.append(time.process_time() - begin)
            counts += held_out(row, made, sandboxes.of(0))
    print(f"{counts['problems']:,} problems strengthened by one solution of several")
    print(f"{counts['right']:,} further solutions that pass the tests of the source")
    print(f"{counts['pass']:,} pass the made ones: {counts['pass'] / max(1, counts['right']):.2%}")


def problem_rows(data: str) -> Iterator[Row]:
    """The rows of the committed problems."""
    storage = Storage(data)
    for unit in plan_problems(storage, committed_problems(storage)):
        yield from read_problems(storage, unit).to_pylist()


def held_out(row: Row, made: Strengthened, sandbox: Sandbox) -> Counter[str]:
    """How many further solutions pass the tests of the source, and of these the made ones."""
    source, both = Candidate.of(row), with_made(row, made)
    counts = Counter(problems=1)
    for program in row["solutions"][1:]:
        if passes(source, program, sandbox):
            counts["right"] += 1
            if passes(both, program, sandbox):
                counts["pass"] += 1
            else:
                print(
                    f"{row['path']}: {trial(both, program, sandbox).why(both, rules_to_try(both)[-1])}"
                )
    return counts


def with_made(row: Row, made: Strengthened) -> Candidate:
    """The problem with the tests of its source and the made ones."""
    tests = row["tests"] + [{"input": t["input"], "output": t["output"]} for t in made.tests]
    return Candidate.of(row | {"tests": tests})


def trial(problem: Candidate, program: str, sandbox: Sandbox) -> Trial:
    """The run of a program on all tests of a problem."""
    return try_program(sandbox, problem, program, range(len(problem.tests)))


def passes(problem: Candidate, program: str, sandbox: Sandbox) -> bool:
    """Whether a program passes all tests of a problem."""
    return (
        tightest_rule(problem, rules_to_try(problem), [trial(problem, program, sandbox)])
        is not None
    )


def try_wrong(rows: list[Row], folder: str, sandboxes: Sandboxes) -> None:
    """Print for every program of a folder whether it passes, before and after."""
    for path in sorted(Path(folder).glob("*.py")):
        name = path.stem.partition("_")[2]
        for row in (row for row in rows if row["entry_point"] == name):
            made = strengthen_problem(row, sandboxes)
            before, after = (
                passes(problem, path.read_text(), sandboxes.of(0))
                for problem in (Candidate.of(row), with_made(row, made))
            )
            strength = made.strength
            print(
                f"{path.name}: passes {before} before, {after} after; "
                f"{strength['outcome']}, {strength['seeds']} to {strength['tests']} tests"
            )


if __name__ == "__main__":
    main()
