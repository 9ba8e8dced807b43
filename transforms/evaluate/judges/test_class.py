"""BigCodeBench's tests: a `unittest` class that runs in the process of the program.

What such tests look at (tables, axes, files, mocks of what the program calls) cannot leave its
process, so here, and nowhere else, a program that wants to could forge its verdict. It is confined
as every other.
"""

import ast
import json

from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import CountedTests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function
from transforms.lib.sandbox import Limits, Raised, Returned, Sandbox

TEST_CLASS = "TestCases"
RUN = "_quire_run_tests"
# Returns how many tests ran, and of those that failed the name and the last line of the traceback.
RUNNER = f"""

def {RUN}():
    import unittest
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase({TEST_CLASS}).run(result)
    failed = [
        (test.id().rpartition(".")[2], trace.strip().splitlines()[-1][:300])
        for test, trace in result.failures + result.errors
    ]
    return result.testsRun, failed
"""


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Run the tests of the class in the program's process."""
    text = json.loads(task.cases)["test"]
    calls = sandbox.calls(f"{program}\n\n{text}\n{RUNNER}", RUN, [()], limits)
    ending = calls.ending
    tests = max(1, len(test_names(text)))
    none = CountedTests(tests, 0)
    if calls.failed or not calls.outcomes:
        return Judged(ending, False, str(calls.failed or ending), none)
    match calls.outcomes[0]:
        case Returned((int(count), [])) if count >= tests:
            return Judged(ending, ending.limit is None, "", CountedTests(count, count))
        case Returned((int(count), [(str(name), str(line)), *others])):
            counts = CountedTests(count, max(0, count - 1 - len(others)), name)
            return Judged(ending, False, f"{name}: {line}", counts)
        case Raised() as raised:
            return Judged(ending, False, str(raised), none)
    return Judged(ending, False, "tests that did not run", none)


def test_names(text: str) -> set[str]:
    """The names of the tests of the class, as its text defines them."""
    tree = parse_or_none(text) or ast.Module([], [])
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [node.body for node in classes if node.name == TEST_CLASS]
    functions = [node for body in bodies for node in body if isinstance(node, Function)]
    return {node.name for node in functions if node.name.startswith("test")}
