"""`rl`: problems in the row that verl reads (its documentation, "Prepare Data for Post-Training").

The ground truth is JSON. `inputs` and `outputs` are what verl's prime_code and TACO's tests have:
of a program, standard input and output; of a function, JSON values, and its name as `fn_name`. They
are left out where JSON cannot hold the values, or where another comparison than `==` is needed.
`test` is the problem's `check(candidate)`, which tells right from wrong for all but programs.
"""

import json
import zlib
from typing import Any

import pyarrow as pa

from schemas.exports import EXPORTS_RL
from transforms.feed.exports.conversation import instruction, message
from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected

PLAIN = ("exact", "equal")  # compare rules that are `==`
SCALARS = (str, int, float, bool, type(None))


def rl_rows(problems: pa.Table, splits: pa.StringArray) -> pa.Table:
    """The rows of `exports/rl` for problems that need no environment; `splits` are theirs."""
    rows = zip(problems.to_pylist(), splits.to_pylist(), strict=True)
    alone = (each for each in rows if each[0]["environment"] is None)
    return pa.Table.from_pylist([_row(*each) for each in alone], EXPORTS_RL.schema)


def _row(problem: dict[str, Any], split: str) -> dict[str, Any]:
    truth = json.dumps(ground_truth(problem), ensure_ascii=False)
    extra = {name: problem[name] for name in ("problem_id", "entry_point", "kind", "repo")}
    extra |= {"split": split, "licence_spdx": problem["licence_spdx"]}
    extra |= {"needs_picture": bool(problem["needs_picture"])}
    # A number that is the problem's own in every run.
    extra["index"] = zlib.crc32(problem["problem_id"].encode())
    return {
        "data_source": f"quire/{problem['source']}",
        "prompt": [message("user", instruction(problem["kind"], problem["prompt"]))],
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": truth},
        "extra_info": extra,
    }


def ground_truth(problem: dict[str, Any]) -> dict[str, Any]:
    """The tests of a problem as a value of JSON, for a row of `problems`."""
    tests = [{name: test[name] for name in ("input", "output")} for test in problem["tests"] or []]
    rule = {"compare": problem["compare"], "tolerance": problem["tolerance"]}
    if problem["kind"] == "stdio":
        inputs, outputs = ([test[name] for test in tests] for name in ("input", "output"))
        return {"inputs": inputs, "outputs": outputs} | rule
    code = {"entry_point": problem["entry_point"], "test": problem["test"], "tests": tests}
    return code | rule | _calls(problem)


def _calls(problem: dict[str, Any]) -> dict[str, Any]:
    """The tests of a function as prime_code calls it; empty if it cannot."""
    if problem["kind"] != "function" or problem["harness"] or problem["compare"] not in PLAIN:
        return {}
    try:
        arguments = [literal(test["input"]) for test in problem["tests"]]
        results = [literal(test["output"]) for test in problem["tests"]]
    except Rejected:
        return {}
    if not all(arguments) or not _is_json([list(map(list, arguments)), results]):
        return {}
    inputs = ["\n".join(map(json.dumps, each)) for each in arguments]
    return {
        "fn_name": problem["entry_point"],
        "inputs": inputs,
        "outputs": [*map(json.dumps, results)],
    }


def _is_json(value: Any) -> bool:
    """Whether JSON gives the value back, of the same types; dicts are not, which it reads anew."""
    if type(value) is list:
        return all(map(_is_json, value))
    return type(value) in SCALARS and (type(value) is not float or abs(value) < float("inf"))
