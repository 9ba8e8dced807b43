"""MBPP's prompts, as its authors have them (arXiv:2108.07732, section 3.1, and their README).

A prompt holds the task in words and its three assertions, which alone name the function, behind
three solved examples: tasks 2, 3 and 4, of the split that is there for it.
"""

from collections.abc import Iterable, Mapping

from transforms.lib.records.record import Record

EXAMPLES = ("2", "3", "4")
STOPS = ("[DONE]",)
ASKED = (
    "You are an expert Python programmer, and here is your task: {text} "
    "Your code should pass these tests:\n\n{tests}\n"
)
BEGIN, END = "[BEGIN]\n", "\n[DONE]"


def question(record: Record) -> str:
    """A task of mbpp.jsonl or sanitized-mbpp.json in words, with its assertions."""
    tests = "\n".join(record.texts("test_list"))
    return ASKED.format(text=record.text("text", "prompt"), tests=tests)


def solved_examples(records: Iterable[Record]) -> dict[str, str]:
    """The examples that a file holds, solved, by the number of their task."""
    found = (record for record in records if record.text("task_id") in EXAMPLES)
    return {record.text("task_id"): _solved(record) for record in found}


def prompt(record: Record, examples: Mapping[str, str]) -> str:
    """The prompt for a completion of a task; an example is left out of its own."""
    number = record.text("task_id")
    solved = [example for task, example in examples.items() if task != number]
    return "\n\n".join([*solved, question(record) + BEGIN])


def _solved(record: Record) -> str:
    code = record.text("code").replace("\r\n", "\n").strip()
    return f"{question(record)}{BEGIN}{code}{END}"
