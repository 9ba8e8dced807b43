"""BigCodeBench's tests: a `unittest` class that runs in the process of the program.

What such tests look at (tables, axes, files, mocks of what the program calls) cannot leave its
process, so here, and nowhere else, a program that wants to could forge its verdict. It is confined
as every other.
"""

import ast
import json
from dataclasses import replace

from transforms.evaluate.judges.judged import Judged
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
# Packages of tables, figures and models take seconds to import, and reserve gigabytes of addresses.
LEAST_CPU, LEAST_WALL, LEAST_MEMORY = 30, 240.0, 8 << 30
LEAST_FILE, LEAST_DISK = 64 << 20, 256 << 20


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Run the tests of the class, with more of everything than other tests have."""
    text = json.loads(task.cases)["test"]
    limits = replace(
        limits,
        cpu=max(limits.cpu, LEAST_CPU),
        wall=max(limits.wall, LEAST_WALL),
        memory=max(limits.memory, LEAST_MEMORY),
        file_size=max(limits.file_size, LEAST_FILE),
        disk=max(limits.disk, LEAST_DISK),
    )
    calls = sandbox.calls(f"{program}\n\n{text}\n{RUNNER}", RUN, [()], limits)
    ending = calls.ending
    if calls.failed or not calls.outcomes:
        return Judged(ending, False, str(calls.failed or ending))
    match calls.outcomes[0]:
        case Returned((int(count), [])) if count >= max(1, len(test_names(text))):
            return Judged(ending, ending.limit is None)
        case Returned((int(), [(str(name), str(line)), *_])):
            return Judged(ending, False, f"{name}: {line}")
        case Raised() as raised:
            return Judged(ending, False, str(raised))
    return Judged(ending, False, "tests that did not run")


def test_names(text: str) -> set[str]:
    """The names of the tests of the class, as its text defines them."""
    tree = parse_or_none(text) or ast.Module([], [])
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [node.body for node in classes if node.name == TEST_CLASS]
    functions = [node for body in bodies for node in body if isinstance(node, Function)]
    return {node.name for node in functions if node.name.startswith("test")}
