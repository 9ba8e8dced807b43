"""MBPP (arXiv:2108.07732): mbpp.jsonl with 974 tasks, or the sanitised set of 427."""

import ast
import builtins
import re
from symtable import SymbolTable, symtable
from textwrap import indent

from transforms.lib.eval_sets.eval_task import EvalTask, signature, top_functions
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import unparsed
from transforms.lib.records.record import Record

LICENCE = "CC-BY-4.0"
# The last task id of each split, as the authors' README has them.
SPLITS = ((10, "prompt"), (510, "test"), (600, "validation"), (974, "train"))
NAME_LIKE = re.compile(r"\w+")
CARRIAGE_RETURNS = re.compile(r"\r+\n")  # the line ends of `code` in the full set


def task(record: Record, suite: str) -> EvalTask:
    """The task of a record of mbpp.jsonl or sanitized-mbpp.json.

    The first has `text` and `test_setup_code`, the second `prompt` and `test_imports`.
    """
    code = CARRIAGE_RETURNS.sub("\n", record.text("code"))
    own, challenge = _tests(record), record.texts("challenge_test_list")
    tests = "\n".join([*own, *challenge])
    name = _tested_function(code, tests)
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
        test=_check(name, "\n".join(own)),  # without the challenge tests, as the authors score
        licence=LICENCE,
    )


def plus_task(record: Record, suite: str) -> EvalTask:
    """The task of a record of MBPP+ as a table has it: `test` calls the function by its name."""
    code, tests = record.text("code"), record.text("test")
    name = _tested_function(code, tests)
    return EvalTask(
        suite=suite,
        version="",
        split="test",
        task_id=f"Mbpp/{record.text('task_id')}",
        entry_point=name,
        prompt=record.text("prompt"),
        doc=record.text("prompt"),
        signature=signature(code, name),
        solutions=(code,),
        tests=tests,
        test=_check(name, tests),
        licence=LICENCE,
    )


def _tested_function(code: str, tests: str) -> str:
    """The first function of the program that the tests mention, or else its last; "" if none.

    A program may define other functions too, and tests may wrap the call (`assert set(f(1)) == …`).
    """
    defined = top_functions(code)
    mentioned = (word for word in NAME_LIKE.findall(tests) if word in defined)
    return next(mentioned, defined[-1] if defined else "")


def _check(name: str, tests: str) -> str:
    """The assertions as `check(candidate)`; "" if they need more than the one function."""
    body = unparsed(parse_or_none(tests) or ast.Module([], []))
    if not name or not body:
        return ""
    program = "def check(candidate):\n" + indent(f"{name} = candidate\n{body}\n", " " * 4)
    try:
        return "" if _unbound_names(symtable(program, "", "exec")) else program
    except (SyntaxError, RecursionError):  # such as `nonlocal x` where no x is bound
        return ""


def _unbound_names(table: SymbolTable) -> set[str]:
    """The names that a program looks up and never binds, builtins apart."""
    names = {s.get_name() for s in table.get_symbols() if s.is_global() and not s.is_assigned()}
    return names.union(*map(_unbound_names, table.get_children())) - vars(builtins).keys()


def _split(record: Record) -> str:
    number = record.value("task_id")
    if not isinstance(number, int):
        raise record.fault("field 'task_id' is not a number")
    return next((name for last, name in SPLITS if number <= last), "")


def _tests(record: Record) -> list[str]:
    """What the tests need, then the assertions by which the authors score."""
    setup = record.optional("test_setup_code")
    before = [setup] if setup else list(record.texts("test_imports"))
    record.value("test_list")
    return [*before, *record.texts("test_list")]
