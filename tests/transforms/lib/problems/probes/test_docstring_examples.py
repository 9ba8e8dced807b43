"""Examples of docstrings: doctest itself and the tests made of them judge alike."""

import doctest
import textwrap

import pytest

from tests.support.judged import agrees
from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.problems.probes.docstring_examples import docstring_examples, doctest_tests
from transforms.lib.python.literals import literal_text
from transforms.lib.python.modules import function_named
from transforms.lib.python.parsing import parse

DOCSTRINGS = {
    "literals": ">>> f(1)\n2\n>>> f(b=3, a=1)\n4\n",
    "two lines": ">>> f(\n...     1)\n2\n",
    "state": ">>> x = f(1)\n>>> x\n2\n>>> print(x, 'y')\n2 y\n",
    "raised": ">>> f('1')\nTraceback (most recent call last):\n    ...\nTypeError: no number\n",
    "blank": ">>> print(f(1)); print(); print(1)\n2\n<BLANKLINE>\n1\n",
    "loop": ">>> for i in range(2):\n...     print(f(i), end=';')\n1;2;\n",
    "module": ">>> f(STEP)\n2\n",
}
PROGRAM = '''
STEP = 1

def f(a, b=1):
    """
{docstring}
    """
    if isinstance(a, str):
        raise TypeError("no number")
    return a + b
'''


def by_doctest(program):
    names: dict = {}
    exec(program, names)
    case = doctest.DocTestFinder().find(names["f"], "f", globs=names)
    runner = doctest.DocTestRunner(verbose=False)
    for each in case:
        runner.run(each, out=lambda _: None)
    return not runner.failures


@pytest.mark.parametrize("name", DOCSTRINGS)
@pytest.mark.parametrize("wrong", [False, True])
def test_judged_as_doctest_does(name, wrong):
    if wrong and name == "raised":
        return  # nothing is added there
    text = PROGRAM.format(docstring=textwrap.indent(DOCSTRINGS[name], "    "))
    function = function_named(parse(text), "f")
    tests, harness, unused = doctest_tests(function, docstring_examples(DOCSTRINGS[name]))
    assert tests and unused == 0
    assert (harness is None) == (name in ("literals", "two lines"))
    program = text.replace("a + b", "a - b") if wrong else text
    cases = [TestCase(literal_text(given), literal_text(output), "") for given, output in tests]
    check = check_text(cases, CompareRule(), harness, "function")
    names: dict = {}
    exec(program, names)
    judged = agrees(program + "\n" + check, names["f"])
    assert judged == by_doctest(program) == (not wrong)


@pytest.mark.parametrize("option", ["+ELLIPSIS", "+SKIP", "+NORMALIZE_WHITESPACE"])
def test_loose_examples_are_left_out(option):
    docstring = f">>> f(1)\n2\n>>> f(2)  # doctest: {option}\n3...\n"
    function = function_named(parse("def f(a): pass"), "f")
    tests, harness, unused = doctest_tests(function, docstring_examples(docstring))
    assert (tests, harness, unused) == ([((1,), 2)], None, 1)
