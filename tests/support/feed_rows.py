"""Rows that exports are made of: examples and problems, hostile texts among them."""

from typing import Any

import pyarrow as pa

from schemas.examples import EXAMPLES
from schemas.problems import PROBLEMS
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.problem import Description, Origin, Problem

PROMPT = 'def add(a, b):\n    """Add.\n\n    ````\n    add(1, 2)\n    ````\n    """\n'
COMPLETION = "    return a + b\n"
ORIGIN = Origin("doctest", "adders", "1.0", "adders.py", "MIT", True)


def example(source: str, **columns: Any) -> dict[str, Any]:
    row = dict.fromkeys(EXAMPLES.schema.names)
    same = {"example_id": f"id of {source}", "source": source, "repo": "adders", "prompt": ""}
    kind = {"corpus": "file", "functions": "function", "problems": "stdio"}[source]
    return row | same | {"kind": kind, "completion": COMPLETION} | columns


def examples() -> pa.Table:
    """A file, a function and a problem."""
    rows = [
        example("corpus", completion="x = 'é'\n", sha256="of another text"),
        example("functions", prompt=PROMPT),
        example("problems", prompt='"""Add."""\n', completion="print(1 + 2)"),
    ]
    return pa.Table.from_pylist(rows, EXAMPLES.schema)


def problem(kind: str = "function", **fields: Any) -> dict[str, Any]:
    """A row of `problems`."""
    given = {
        "description": Description('"A\\\n]] \x7f', "Add.", "../../$(touch /tmp/x)\n"),
        "prompt": PROMPT,
        "canonical_solution": COMPLETION,
        "cases": [TestCase("(1, 2)", "3", "x"), TestCase("(1, 3)", "4", "x")],
        "rule": CompareRule(),
        "entry_point": "add",
    } | fields
    made = Problem(kind=kind, solutions=[given["prompt"] + given["canonical_solution"]], **given)
    return dict.fromkeys(PROBLEMS.schema.names) | made.row(ORIGIN)


STDIO = {
    "prompt": '"""Add the numbers."""\n',
    "canonical_solution": "print(sum(map(int, input().split())))\n",
    "cases": [TestCase("1 2\n", "3\n", "x"), TestCase("3 4\n", "7\n", "x")],
    "rule": CompareRule("tokens"),
    "entry_point": None,
}
DESIGN = {
    "prompt": 'class Sum:\n    """Add up."""\n',
    "canonical_solution": "    total = 0\n\n    def add(self, n):\n        self.total += n\n"
    "        return self.total\n",
    "cases": [TestCase("([1, 2],)", "[1, 3]", "x"), TestCase("([5],)", "[5]", "x")],
    "entry_point": "Sum",
    "harness": "def call(candidate, arguments):\n    one = candidate()\n"
    "    return [one.add(n) for n in arguments[0]]\n",
}


def problems() -> list[dict[str, Any]]:
    """A function, a program and a class."""
    return [problem(), problem("stdio", **STDIO), problem("design", **DESIGN)]
