"""How often the right program is found in 500 model answers, beside `evalplus.sanitize`.

    python tests/bench/extraction.py [--evalplus PYTHON] [--wrong]

The answers are those of tests/support/model_answers.py. `right` counts the programs whose entry
point is the function that is right in the answer, `passes` those that pass HumanEval's check in the
sandbox where there is a right one, and do not where there is none. PYTHON is an interpreter that
can import evalplus, by default this one; without it, its columns are left out. --wrong names the
answers that quire gets wrong, and the kinds of them.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.support.model_answers import PROBLEMS, ModelAnswer, is_right, model_answers
from transforms.lib.completions.extracted_program import extract_program
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Sandbox

# A completion is sanitized below its prompt, as evalplus itself does.
EVALPLUS = """
import json, sys, time
from evalplus.sanitize import sanitize
texts = json.load(sys.stdin)
begin = time.process_time()
programs = [sanitize(text, name) for text, name in texts]
json.dump([programs, time.process_time() - begin], sys.stdout)
"""


def task_of(answer: ModelAnswer) -> RunnableTask:
    """The task that an answer answers."""
    problem = PROBLEMS[answer.task_id]
    return RunnableTask(problem["prompt"], problem["entry_point"], problem["test"])


def by_quire(answers: Sequence[ModelAnswer]) -> tuple[list[str], float]:
    """The programs that quire runs, and the CPU seconds that finding them took."""
    begin = time.process_time()
    found = [extract_program(each.text, each.form, task_of(each)) for each in answers]
    return [each.program for each in found], time.process_time() - begin


def by_evalplus(answers: Sequence[ModelAnswer], python: str) -> tuple[list[str], float] | None:
    """The same by evalplus; None where it is not installed."""
    texts = [
        (PROBLEMS[each.task_id]["prompt"] * (each.form == "completion") + each.text)
        for each in answers
    ]
    names = [PROBLEMS[each.task_id]["entry_point"] for each in answers]
    asked = json.dumps(list(zip(texts, names, strict=True)))
    done = subprocess.run([python, "-c", EVALPLUS], input=asked, capture_output=True, text=True)
    if done.returncode:
        print(f"evalplus: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    programs, seconds = json.loads(done.stdout)
    return programs, seconds


def passing(answers: Sequence[ModelAnswer], programs: Sequence[str]) -> list[bool]:
    """Whether each program does in the sandbox what its answer should do."""
    with Sandbox() as sandbox:
        return [
            _passes(sandbox, task_of(answer), program) == bool(answer.right)
            for answer, program in zip(answers, programs, strict=True)
        ]


def _passes(sandbox: Sandbox, task: RunnableTask, program: str) -> bool:
    checked = sandbox.check(program, task.entry_point, task.test, prelude=task.prelude)
    return checked.passed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--evalplus", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    answers = model_answers()
    tools = {"quire": by_quire(answers), "evalplus": by_evalplus(answers, options.evalplus)}
    print(f"{'':10} {'answers':>8} {'right':>7} {'passes':>7} {'answers/CPU-s':>14}")
    for tool, found in tools.items():
        if found is None:
            continue
        programs, seconds = found
        right = list(map(is_right, programs, answers))
        passes = passing(answers, programs)
        rate = len(answers) / seconds
        shares = f"{sum(right) / len(right):>7.1%} {sum(passes) / len(passes):>7.1%}"
        print(f"{tool:10} {len(answers):>8} {shares} {rate:>14.0f}")
        if options.wrong:
            both = zip(answers, right, passes, strict=True)
            kinds = Counter(answer.kind for answer, *well in both if not all(well))
            print("    " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))


if __name__ == "__main__":
    main()
