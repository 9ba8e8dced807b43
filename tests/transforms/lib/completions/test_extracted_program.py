"""The program in a model's answer: 500 built answers, evidence, drafts, hostile texts."""

import json
import time

import pytest

from tests.support.model_answers import KINDS, PROBLEMS, ModelAnswer, is_right, model_answers
from transforms.lib.completions.extracted_program import ExtractedProgram, extract_program
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Sandbox

ANSWERS = model_answers()
TASK = RunnableTask('def f(x):\n    """Twice x."""\n', "f", "")
CLASS_TASK = RunnableTask("Write a class A with a method f.", "A", "")
METHOD_TASK = RunnableTask("class A:\n    def f(self, x):\n        '''Twice.'''\n", "A.f", "")
SCRIPT_TASK = RunnableTask("Read two numbers and print the sum.", "", "")
RIGHT = "def f(x):\n    return 2 * x\n"
DRAFT = "def f(x):\n    return 'draft'\n"
MOST_SECONDS = 4  # of CPU time for a text: at most one on a free core


def program_of(answer: ModelAnswer) -> str:
    problem = PROBLEMS[answer.task_id]
    task = RunnableTask(problem["prompt"], problem["entry_point"], problem["test"])
    return extract_program(answer.text, answer.form, task).program


def found(text: str, task: RunnableTask = TASK, form: str = "answer") -> ExtractedProgram:
    return extract_program(text, form, task)


def value(program: str, expression: str) -> object:
    """The value of an expression over a program of these tests."""
    names: dict[str, object] = {}
    exec(program, names)
    return eval(expression, names)


def test_the_right_program_is_found_in_500_answers() -> None:
    assert len(ANSWERS) == 500 and len({each.kind for each in ANSWERS}) == len(KINDS)
    wrong = [each.kind for each in ANSWERS if not is_right(program_of(each), each)]
    assert len(wrong) <= 500 * 0.005, wrong


def test_what_is_found_passes_the_check() -> None:
    """One answer of each kind in the sandbox."""
    with Sandbox() as sandbox:
        for answer in ANSWERS[: len(KINDS)]:
            problem = PROBLEMS[answer.task_id]
            program, entry_point = program_of(answer), problem["entry_point"]
            task = RunnableTask(problem["prompt"], entry_point, problem["test"])
            checked = sandbox.check(program, entry_point, task.test, prelude=task.prelude)
            assert checked.passed == bool(answer.right), (answer.kind, checked.why)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"```python\n{RIGHT}```", "fenced block"),
        (f"<think>{DRAFT}</think>\n```\n{RIGHT}```", "after </think>, fenced block"),
        (RIGHT, "whole text"),
        (f"So:\n\n{RIGHT}\nDone.", "whole text, lines that parse"),
        (f"So:\n\n    {RIGHT.replace('    ', '        ')}\nDone.", "indented block"),
        ("```python\n    return 2 * x\n```", "fenced block, body"),
        ("return 2 * x", "body"),
        (
            "```\nclass Solution:\n    def f(self, x):\n        return 2 * x\n```",
            "fenced block, class wrapper",
        ),
        (f"```\n{RIGHT}print(f(\n```", "fenced block, lines that parse"),
        (f"````\n{RIGHT}````\n```\nf(3)  # 6\n```", "fenced block"),
        (f"```python\n{RIGHT}```\n```python\n{TASK.prompt}    pass\n```", "fenced block"),
        (f"```Python3 title='f'\n{RIGHT}```", "fenced block"),
        (f"```{{.python}}\n{RIGHT}```", "fenced block"),
        ("Use ```python f = lambda x: 2 * x``` here", "whole text"),
        ("``` f = lambda x: 2 * x ```", "fenced block"),
        ("```\nf: object = lambda x: 2 * x\n```", "fenced block"),
        ("```\nfrom functools import partial\nf = partial(int.__mul__, 2)\n```", "fenced block"),
        (
            "```\ntry:\n    import none_such\nexcept ImportError:\n    pass\n" + RIGHT,
            "fenced block",
        ),
    ],
)
def test_evidence(text: str, words: str) -> None:
    if "Use" in text:
        assert found(text).extracted_from == "nothing"  # a line of prose is no block
        return
    extracted = found(text)
    assert extracted.extracted_from == words
    assert value(extracted.program, "f(4)") == 8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("    return 2 * x\n\ndef g(", "completion, lines that parse"),
        (f"{TASK.prompt}    return 2 * x\n\nprint(f(1))\n", "repeated prompt"),
        (f"\n{RIGHT}\n{DRAFT}", "repeated prompt"),
        ("    return 2 * x\n```\nIt doubles.", "completion, lines that parse"),
        ("\treturn 2 * x\n", "completion"),
        ("  return 2 * x\n", "completion"),
        (f"    return 2 * x\n\n{DRAFT}", "completion"),
        ("    if x:\n        return 2 * x\n    return (", "completion, lines that parse"),
    ],
)
def test_completions(text: str, words: str) -> None:
    extracted = found(text, form="completion")
    assert extracted.extracted_from == words
    assert value(extracted.program, "f(4)") == 8


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n```python\n{RIGHT}```\n",
        "I cannot do this.",
        "```python\nassert f(1) == 2\nprint(f(2))\n```",
        f"```python\n{TASK.prompt}```",
        f"```python\n{TASK.prompt}    ...\n```",
        "",
        "\ud800",
        "def f(x):\0",
    ],
)
def test_nothing_is_found(text: str) -> None:
    assert found(text) == ExtractedProgram("", "nothing")


def test_a_draft_is_never_taken() -> None:
    """Not even where the last answer is cut off, or where reasoning names what ends it."""
    for text in (
        f"```\n{DRAFT}```\nNo:\n```\n{RIGHT}```",
        f"```\n{RIGHT}```\nTest:\n```\nfrom a import f\nassert f(0) == 1\n```",
        f"I close `</think>` later. {DRAFT}</think>```\n{RIGHT}```",
        f"<think>{DRAFT}</think>{RIGHT}<|im_end|>\n<|im_start|>user\n</think>{DRAFT}",
    ):
        assert value(found(text).program, "f(4)") == 8, text
    cut_off = found(f"```\n{DRAFT}```\nBetter:\n```\ndef f(x):\n    y = x\n    return (2 *")
    assert "draft" not in cut_off.program


LINES = RIGHT.splitlines()
MARKUP = RIGHT.replace("*", "&#42;")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"thought": "twice\n", "code": RIGHT}),
        f"```json\n{json.dumps({'a': [{'code': RIGHT}], 'b': None}, indent=1)}\n```",
        json.dumps({"answer": f"So:\n```python\n{RIGHT}```\n"}),
        json.dumps({"cells": [{"source": [f"{line}\n" for line in LINES]}]}),
        f">>> {LINES[0]}\n... {LINES[1]}\n... \n>>> f(2)\n4\n",
        f"```\nIn [1]: {LINES[0]}\n   ...: {LINES[1]}\n\nIn [2]: f(2)\nOut[2]: 4\n```",
        f"<p>So:</p>\n<pre><code class='py'>{MARKUP}</code></pre>",
        f"```diff\n--- a\n+++ b\n@@ -1 +1,2 @@\n-def f(x): pass\n+{LINES[0]}\n+{LINES[1]}\n```",
        f"```\n 9 {LINES[0]}\n10 {LINES[1]}\n```",
        f"```\n1 | {LINES[0]}\n2 | {LINES[1]}\n```",
    ],
    ids=range(10),
)
def test_code_that_is_wrapped(text: str) -> None:
    extracted = found(text)
    assert extracted.extracted_from.startswith("unwrapped, ")
    assert value(extracted.program, "f(4)") == 8


def test_colours_of_a_terminal_are_left_out() -> None:
    text = "".join(f"\x1b[1;32m{line}\x1b[0m\n" for line in LINES)
    assert found(text) == ExtractedProgram(RIGHT, "whole text")


def test_tokens_in_quotes_are_no_ends() -> None:
    program = found("```\ndef f(x):\n    return x.split('</s>') + ['<|im_end|>', '</think>']\n```")
    assert value(program.program, "f('a</s>b')") == ["a", "b", "<|im_end|>", "</think>"]


def test_what_the_program_needs_comes_along() -> None:
    """Helpers of earlier blocks, imports and helpers of the prompt; the future stays first."""
    prompt = (
        "from typing import List\n\ndef g(x):\n    return x + 1\n\ndef f(x: List[int]):\n    'd'\n"
    )
    task = RunnableTask(prompt, "f", "")
    code = (
        "from __future__ import annotations\nK = h(1)\ndef f(x: List[int]):\n    return g(x) + K\n"
    )
    text = f"```\nimport math\ndef h(x):\n    return math.floor(x)\nh(2)\n```\n```\n{code}```"
    assert value(found(text, task).program, "f(1)") == 3
    assert "def f(x: List[int]):\n    'd'" not in found(text, task).program
    later = "```\ndef f(x):\n    return h(x)\n```\nwhere\n```\ndef h(x):\n    return 2 * x\n```"
    assert value(found(later).program, "f(4)") == 8


def test_usage_is_left_out() -> None:
    text = (
        f"```\nimport sys\nsys.setrecursionlimit(1000)\nn = int(input())\n{RIGHT}\n"
        "f = staticmethod(f).__func__\nresult = f(n)\nfor i in range(3):\n    print(f(i))\n"
        "if __name__ == '__main__':\n    sys.exit(f(1))\nassert f(1) == 3\nf(2)\n```"
    )
    program = found(text).program
    assert "setrecursionlimit" in program and "__func__" in program
    assert not any(word in program for word in ("input", "result", "print", "assert", "__main__"))
    assert value(program, "f(2)") == 4


@pytest.mark.parametrize(
    ("task", "text", "expression"),
    [
        (CLASS_TASK, "```\nclass A:\n    def f(self):\n        return 1\nA().f()\n```", "A().f()"),
        (METHOD_TASK, "```\ndef f(self, x):\n    return 2 * x\n```", "A().f(1) - 1"),
        (METHOD_TASK, "```\ndef f(x):\n    return 2 * x\n```", "A().f(1) - 1"),
        (METHOD_TASK, "```\nclass A:\n    def f(self, x):\n        return x\n```", "A().f(1)"),
        (METHOD_TASK, "```\nclass B:\n    def f(self, x):\n        return x\n```", "A().f(1)"),
        (METHOD_TASK, "        return 2 * x", "A().f(1) - 1"),
    ],
)
def test_classes(task: RunnableTask, text: str, expression: str) -> None:
    assert value(found(text, task).program, expression) == 1


def test_async_functions_and_decorators() -> None:
    task = RunnableTask("async def f(x):\n    'd'\n", "f", "")
    code = (
        "import functools\n@functools.cache\n@functools.wraps(int)\nasync def f(x):\n    return x\n"
    )
    assert found(f"Here:\n{code}Done.", task).program == code


@pytest.mark.parametrize(
    "text",
    [
        f"Answer: below\nresult = a + b\nExample (short)\n{RIGHT}Note: this\nDone\n",
        f"```\nA = 1\nB = A + 1\nB\n{RIGHT.replace('2', 'B')}C = f(A)\n```",
        f"```\nEND = '\u2028\x0c'\n{RIGHT}print(f(1))\nf(2)\n```",
        f"**Solution**:\n\n{RIGHT}\n**Explanation**: it's 2*x, isn't it?\n",
        f"```python\n{RIGHT}```.\nThat is it.",
    ],
)
def test_prose_that_parses_and_values_that_are_needed(text: str) -> None:
    assert value(found(text).program, "f(4)") == 8


def test_a_completion_of_a_line_that_the_prompt_begins() -> None:
    task = RunnableTask("def f(x):\n    ", "f", "")
    text = "return 2 * x\n\n\ndef f(x):\n    return 3\n"
    assert value(found(text, task, "completion").program, "f(4)") == 8


def test_scripts_stay_whole() -> None:
    script = "a, b = map(int, input().split())\nprint(a + b)\n"
    text = f"<think>print(1)</think>Code:\n```python\n{script}```\nInput:\n```\n1 2\n```\n"
    assert found(text, SCRIPT_TASK) == ExtractedProgram(script, "after </think>, fenced block")
    assert found(script, SCRIPT_TASK) == ExtractedProgram(script, "whole text")


@pytest.mark.parametrize(
    "text",
    [
        "```\n" * 2_000_000,
        '{"a":' * 20_000,
        "<pre><code" * 20_000,
        "``` " + " " * 200_000 + "`",
        "```python\ndef f(x):\n  return " + "(" * 200_000,
        "def f(x):\n    return (\n" * 10_000,
        "@a\n" * 60_000,
        "<s>" * 60_000,
        "\t" * 200_000 + "x",
        "def f(x):\n    if x: pass\n" + "    elif x: pass\n" * 5_000,
    ],
    ids=range(10),
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    begin = time.process_time()
    found(text)
    assert time.process_time() - begin < MOST_SECONDS
