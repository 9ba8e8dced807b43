"""The structured tests of a problem of DATA, judged as `verify` has judged its reference.

The program's process gets the arguments of the tests, and what comes back is compared here by the
problem's rule. The limits are for all tests of a function, and for each test of a program.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import CountedTests
from transforms.evaluate.problem_sandbox import ProblemSandbox
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.problems.problem_secrets import Row, values_hidden
from transforms.lib.sandbox import Limits, Sandbox
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.rules_to_try import verified_rule
from transforms.lib.trials.trial import TRIAL_LIMITS, try_program
from transforms.lib.trials.whole_program import whole_program

KEPT_GROUPS = 2  # row groups of problems: samples of one problem, and of its neighbours, follow


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Compare the answers of a program with the expected ones."""
    place = json.loads(task.cases)
    row, problem = _problems(place["file"], place["group"])[place["problem_id"]]
    own = sandbox.of(problem) if isinstance(sandbox, ProblemSandbox) else sandbox
    limits = replace(limits, output=max(limits.output, TRIAL_LIMITS.output))
    text = whole_program(problem, program)
    trial = try_program(own, problem, text, range(len(problem.tests)), limits)
    rule = verified_rule(problem)
    passed = trial.passes(problem, rule)
    agree = [trial.agrees(problem, test, rule) for test in range(len(problem.tests))]
    failed = None if all(agree) else f"test {agree.index(False)}"
    counts = CountedTests(len(agree), sum(agree), failed)
    [why] = values_hidden(row, ["" if passed else trial.why(problem, rule)])
    return Judged(trial.ending, passed, why or "", counts)


@lru_cache(KEPT_GROUPS)
def _problems(file: str, group: int) -> Mapping[str, tuple[Row, Candidate]]:
    """The problems of a row group by id, with their rows; these are empty if they hold no secret.

    A row knows the values that no message is to repeat.
    """
    with open_parquet(file) as parquet, reading(file, group):
        rows = parquet.read_row_group(group, use_threads=False).to_pylist()
    return {
        row["problem_id"]: (row if row["secret_kinds"] else {}, Candidate.of(row)) for row in rows
    }
