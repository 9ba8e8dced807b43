"""LiveCodeBench (arXiv:2403.07974): test.jsonl, test2.jsonl, … of its releases.

The set has no solutions. Its private tests are a pickle, which is read and never run
(`private_tests`), and by who runs the tests alone.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

from transforms.lib.eval_sets.cases import Cases
from transforms.lib.eval_sets.eval_task import EvalTask, starter_name
from transforms.lib.eval_sets.private_tests import PrivateTestsError, private_json
from transforms.lib.records.record import Record

LICENCE = "CC-BY-4.0"


def task(record: Record, suite: str) -> EvalTask:
    """The task of a problem, with its public tests."""
    starter = record.optional("starter_code")
    return EvalTask(
        suite=suite,
        version=os.path.basename(record.path).split(".")[0],
        split="test",
        task_id=record.text("question_id"),
        entry_point=starter_name(starter),
        prompt=record.text("question_content"),
        doc=record.text("question_content"),
        signature=starter.strip(),
        solutions=(),
        tests="\n".join(_tests(record)),
        test="",
        licence=LICENCE,
    )


def _tests(record: Record) -> Iterator[str]:
    for case in _listed(record, "public_test_cases", record.values.get("public_test_cases")):
        yield f"{case.get('input')!r}, {case.get('output')!r}"


def cases(record: Record) -> Cases:
    """The public and the private tests of a record: pairs of input and output.

    They are judged by what a program prints, or by the answers of a function (`calls`, an
    expression) whose arguments and answer are JSON.
    """
    tests = _listed(record, "public_test_cases", record.values.get("public_test_cases"))
    tests += _private(record)
    pairs = [(case.get("input"), case.get("output")) for case in tests]
    texts = [(a, b) for a, b in pairs if isinstance(a, str) and isinstance(b, str)]
    if not texts or texts != pairs:
        raise record.fault("no tests, or tests without 'input' and 'output' as texts")
    kinds = {case.get("testtype", "stdin") for case in tests}
    if kinds == {"stdin"}:
        return Cases("printed", json.dumps({"tests": texts}))
    if kinds != {"functional"}:
        raise record.fault(f"tests of another kind than stdin or functional: {kinds}")
    for stdin, output in texts:
        for text in (*stdin.split("\n"), output):
            record.parsed("input' or 'output", text)
    return Cases("answers", json.dumps({"tests": texts, "calls": _called(record)}))


def _private(record: Record) -> list[dict[str, Any]]:
    name = "private_test_cases"
    value = record.values.get(name) or "[]"
    if isinstance(value, str) and not value.lstrip().startswith("["):
        try:
            value = private_json(value)
        except PrivateTestsError as error:
            raise record.fault(f"field {name!r}: {error}") from error
    return _listed(record, name, value)


def _listed(record: Record, name: str, value: Any) -> list[dict[str, Any]]:
    """The tests in a field: a list of objects, or one as JSON; UsageError if it is neither."""
    tests = record.parsed(name, value) if isinstance(value, str) else value or []
    if not isinstance(tests, list) or not all(isinstance(case, dict) for case in tests):
        raise record.fault(f"field {name!r} is not a list of objects")
    return list(tests)


def _called(record: Record) -> str:
    """What is called: the function that `metadata` names, a method where the starter is a class."""
    metadata = record.values.get("metadata") or "{}"
    fields = record.parsed("metadata", metadata) if isinstance(metadata, str) else metadata
    starter = record.optional("starter_code")
    name = fields.get("func_name") if isinstance(fields, dict) else None
    name = name or starter_name(starter)
    if not isinstance(name, str) or not name.isidentifier():
        raise record.fault("no function to call: neither 'metadata' nor 'starter_code' names one")
    return f"Solution().{name}" if "class Solution" in starter else name
