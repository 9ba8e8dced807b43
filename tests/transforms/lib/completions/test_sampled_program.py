"""What is run of a sample: as it came by default, cut or extracted where asked, by its form."""

import pytest

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.sampled_program import sampled_program
from transforms.lib.completions.stop_sequences import PAPER_STOPS, spelled_stops

PROMPT = "def f(x):\n    '''d'''\n"
TASK = RunnableTask(PROMPT, "f", "")
CODE = "def f(x):\n    return x\n"
FENCED = f"```python\n{CODE}```\n"


@pytest.mark.parametrize(
    ("text", "form", "sanitize", "program", "words"),
    [
        ("    return x\n", "completion", None, f"{PROMPT}    return x\n", "completion"),
        (FENCED, "completion", None, PROMPT + FENCED, "completion"),
        (FENCED, "completion", True, CODE, "fenced block"),
        (FENCED, "answer", None, CODE, "fenced block"),
        (FENCED, "answer", False, PROMPT + FENCED, "completion"),
        (CODE, "program", None, CODE, "whole program"),
        (f"{CODE}f()\n", "program", True, CODE, "whole text"),
    ],
)
def test_forms(text: str, form: str, sanitize: bool | None, program: str, words: str) -> None:
    extracted = sampled_program(text, form, TASK, (), sanitize)
    assert (extracted.program, extracted.extracted_from) == (program, words)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("    return x\n\ndef f(x): pass", "    return x\n"),
        (f"\n{CODE}\n\nprint(f(1))", f"\n{CODE}\n"),
        (f"{PROMPT}    return x\n# then", f"{PROMPT}    return x"),
        (f"import a\n\ndef g(x): pass\n\n{CODE}if x", f"import a\n\ndef g(x): pass\n\n{CODE[:-1]}"),
        ("\nclass A: pass", ""),
        ("# no\n#def f", "# no"),
    ],
)
def test_the_papers_stops_do_not_cut_a_repeated_prompt(text: str, left: str) -> None:
    assert sampled_program(text, "completion", TASK, PAPER_STOPS).program == PROMPT + left


def test_stops_cut_completions_only() -> None:
    program = f"import a\n{CODE}"
    assert sampled_program(program, "program", TASK, PAPER_STOPS).program == program


@pytest.mark.parametrize("task", [RunnableTask("Add.", "", ""), RunnableTask("Add f.", "f", "")])
def test_the_papers_stops_do_not_cut_a_completion_that_is_a_whole_program(
    task: RunnableTask,
) -> None:
    program = f"import a\n\ndef g(): pass\n\n{CODE}\nif a:\n    f()\nprint(a)\n"
    stops = (*PAPER_STOPS, "[DONE]")
    assert sampled_program(f"{program}[DONE]", "completion", task, stops).program == program


def test_stops_as_they_are_spelled() -> None:
    assert spelled_stops([]) == ()
    assert spelled_stops(["paper", r"\n```", "<end>", "<end>"]) == (*PAPER_STOPS, "\n```", "<end>")
