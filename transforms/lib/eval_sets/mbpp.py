"""MBPP (arXiv:2108.07732): mbpp.jsonl with 974 tasks, or the sanitised set of 427."""

import ast
import builtins
import re
from symtable import SymbolTable, symtable
from textwrap import indent

from transforms.lib.eval_sets.task import EvalTask, signature, top_functions
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import unparsed
from transforms.lib.records.record import Record

LICENCE = "CC-BY-4.0"
# Task ids of each split, as the authors' README has them; the first is for prompts.
SPLITS = ((10, "prompt"), (510, "test"), (600, "validation"), (974, "train"))
WORD = re.compile(r"\w+")
RETURNS = re.compile(r"\r+\n")


def task(record: Record, suite: str) -> EvalTask:
    """A task of mbpp.jsonl (`text`, `test_setup_code`) or sanitized-mbpp.json (`prompt`,
    `test_imports`)."""
    code = RETURNS.sub("\n", record.text("code"))
    tests = _tests(record)
    name = _tested(code, tests)
    return EvalTask(
        suite=suite,
        version="sanitized" if "prompt" in record.values else "full",
        split=_split(record),
        task_id=f"MBPP/{record.text('task_id')}",
        entry_point=name,
        prompt=record.text("text", "prompt"),
        doc=record.text("text", "prompt"),
        signature=signature(code, name),
        solutions=(code,),
        tests=tests,
        test=_check(name, tests),
        licence=LICENCE,
    )


def _tested(code: str, tests: str) -> str:
    """The function that the tests call first; there may be helpers, and words around the call."""
    defined = top_functions(code)
    called = (word for word in WORD.findall(tests) if word in defined)
    return next(called, defined[-1] if defined else "")


def _check(name: str, tests: str) -> str:
    """The assertions as HumanEval has them; none where they need more than the one function."""
    body = unparsed(parse_or_none(tests) or ast.Module([], []))
    if not name or not body:
        return ""
    program = "def check(candidate):\n" + indent(f"{name} = candidate\n{body}\n", " " * 4)
    try:
        return "" if _free(symtable(program, "", "exec")) else program
    except (SyntaxError, RecursionError):  # such as `nonlocal` of nothing
        return ""


def _free(table: SymbolTable) -> set[str]:
    """The names that a program looks up and never binds, builtins apart."""
    here = {s.get_name() for s in table.get_symbols() if s.is_global() and not s.is_assigned()}
    return here.union(*map(_free, table.get_children())) - vars(builtins).keys()


def _split(record: Record) -> str:
    number = record.value("task_id")
    if not isinstance(number, int):
        raise record.fault("field 'task_id' is no number")
    return next((name for last, name in SPLITS if number <= last), "")


def _tests(record: Record) -> str:
    setup = record.optional("test_setup_code")
    before = [setup] if setup else list(record.texts("test_imports"))
    record.value("test_list")
    return "\n".join([*before, *record.texts("test_list"), *record.texts("challenge_test_list")])
