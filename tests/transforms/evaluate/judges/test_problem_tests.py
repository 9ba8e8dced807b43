"""Programs judged by the structured tests of a problem of DATA."""

from pathlib import Path

from tests.support.contest_rows import problem, put_verified
from transforms.evaluate.judgement import judge
from transforms.evaluate.marked_check import CountedTests
from transforms.evaluate.own_problems import read_problem_set
from transforms.evaluate.problem_sandbox import ProblemSandbox
from transforms.evaluate.request import runnable_tasks
from transforms.lib.sandbox import Limits
from transforms.lib.skeleton.storage import Storage

HALF = problem("half", "    return x / 2\n", [(1, 0.5)], compare="float", tolerance=1e-9)
MAIL = "ann.lee@firm.com"
TOLD = problem("told", f"    return {MAIL!r}\n", [(1, MAIL)], secret_kinds=["email"])
DROPPED = HALF | {"problem_id": "id-dropped", "secrets_action": "drop"}
SLOW = problem("slow", "    while x: pass\n", [(0, None)])
LIMITS = Limits(wall=30.0, cpu=1)


def test_judged_by_tests_rule_and_limits(tmp_path: Path) -> None:
    problems = read_problem_set("ours", str(put_verified(tmp_path, [HALF, SLOW])))
    tasks = runnable_tasks(problems, "ours")
    with ProblemSandbox((), Storage(problems.path)) as sandbox:
        right, near, whole, slow = (
            judge(sandbox, tasks[name], tasks[name].program(completion), LIMITS)
            for name, completion in (
                ("id-half", "    return x * 0.5\n"),
                ("id-half", "    return x * 0.5 + 1e-7\n"),
                ("id-half", "def half(x): return x * 0.5\n"),
                ("id-slow", "    while True: pass\n"),
            )
        )
    assert (right.passed, right.why) == (True, "")
    assert (near.passed, near.why) == (False, "test 0: 0.5 expected, 0.5000001")
    assert whole.passed
    assert (right.counts, near.counts) == (CountedTests(1, 1), CountedTests(1, 0, "test 0"))
    assert (slow.passed, slow.ending.limit, slow.why) == (False, "cpu", "limit: cpu")


def test_no_secret_of_a_problem_is_repeated(tmp_path: Path) -> None:
    """And what is to be dropped for one is no task."""
    problems = read_problem_set("ours", str(put_verified(tmp_path, [TOLD, DROPPED])))
    tasks = runnable_tasks(problems, "ours")
    assert list(tasks) == ["id-told"]
    program = tasks["id-told"].program(f"    return 'to {MAIL}'\n")
    with ProblemSandbox((), Storage(problems.path)) as sandbox:
        judged = judge(sandbox, tasks["id-told"], program, LIMITS)
    assert judged.why == "test 0: '<EMAIL>' expected, 'to <EMAIL>'"
