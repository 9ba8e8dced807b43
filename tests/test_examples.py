"""The examples in docstrings (`>>>`) are run, and give what they show."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("schemas", "transforms", "pipelines")
PARSER = doctest.DocTestParser()
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def examples(path: Path) -> Iterator[tuple[str, str]]:
    """Name and docstring of what has an example in a file.

    They are read from the source: a compiled kernel is no function that doctest would look at, and a
    module without an example need not be imported.
    """
    for node in ast.walk(ast.parse(path.read_text())):
        text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        if text and PARSER.get_examples(text):
            yield getattr(node, "name", "module"), text


CASES = [
    (path.relative_to(ROOT), *case)
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    for case in examples(path)
]


@pytest.mark.parametrize(
    ("path", "name", "text"), CASES, ids=[f"{path}:{name}" for path, name, _ in CASES]
)
def test_an_example_gives_what_it_shows(path: Path, name: str, text: str) -> None:
    assert run(path, text) == ""


def run(path: Path, text: str) -> str:
    """What doctest says of the examples of a docstring, which see the names of its module."""
    module = importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    test = PARSER.get_doctest(text, vars(module).copy(), str(path), str(path), 0)
    messages: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=messages.append)
    return "".join(messages)


def test_a_wrong_example_is_seen() -> None:
    path = Path("transforms/lib/text/__init__.py")
    assert run(path, ">>> 1 + 1\n2\n") == ""
    assert "Expected:\n    3\nGot:\n    2\n" in run(path, ">>> 1 + 1\n3\n")
