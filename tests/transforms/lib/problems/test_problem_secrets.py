"""Secrets of problems: told by kind, masked alike in all texts, and in no message."""

import ast

import pyarrow as pa
import pytest

from schemas import CONTEST_PROBLEMS
from tests.support.contest_rows import problem
from transforms.lib.detection.policy import POLICIES, Policy
from transforms.lib.problems.problem_secrets import apply_policy, values_hidden
from transforms.lib.problems.problem_texts import ProblemTexts

MAIL, OTHER = "ann.lee@firm.com", "bob.ray@firm.com"
KEY = "glpat-" + "2gin7BMsFxvKK4Q519Pk"  # in parts, as it has the form of a real one
SHORT = "q7#Zt"


def login(**more):
    """A problem about one address: in its statement, its program and its tests."""
    head = f'def login(x):\n    """Whether x may log in; don\'t ask {MAIL}.\n    """\n'
    body = f"    return x.strip() == {MAIL!r}\n"
    return problem(
        "login",
        body,
        [(MAIL, True), (f"\n{MAIL}\n", True), ("nobody", False), (OTHER, False)],
        head=head,
        statement=f"Whether x may log in; don't ask {MAIL}.",
        test=f"def check(candidate):\n    assert candidate({MAIL!r}) is True\n",
        **more,
    )


def applied(row, name, kinds=("key", "password", "email", "ip"), known=None):
    [found] = apply_policy([row], Policy(name, tuple(kinds)), known and [known])
    pa.Table.from_pylist([found], schema=CONTEST_PROBLEMS.schema)
    return found


@pytest.mark.parametrize(("policy", "action"), [("report", "none"), ("drop", "drop")])
def test_findings_are_told_and_nothing_else_changes(policy, action):
    row = login()
    assert applied(row, policy) == row | {"secret_kinds": ["email"], "secrets_action": action}
    clean = problem("twice", "    return x + x\n", [(1, 2)])
    assert applied(clean, policy) == clean | {"secret_kinds": [], "secrets_action": None}


def test_a_value_has_one_mask_in_all_texts_and_the_tests_hold():
    row = applied(login(), "mask")
    assert (row["secret_kinds"], row["secrets_action"]) == (["email"], "mask")
    assert MAIL not in str(row) and OTHER not in str(row)
    assert row["statement"] == "Whether x may log in; don't ask <EMAIL>."
    assert row["solutions"] == [row["prompt"] + row["canonical_solution"]]
    names: dict = {}
    exec(row["solutions"][0] + row["test"], names)
    names["check"](names["login"])
    for case in row["tests"]:
        given, answer = ast.literal_eval(case["input"]), ast.literal_eval(case["output"])
        assert names["login"](*given) is answer
    assert row["problem_id"] == login()["problem_id"], "masks make no other problem"


def test_only_the_kinds_that_a_policy_acts_on_are_masked():
    body = f"    return {KEY!r} + {MAIL!r}\n"
    row = applied(problem("both", body, [(1, KEY + MAIL)]), "mask", kinds=["key"])
    assert (row["secret_kinds"], row["secrets_action"]) == (["key", "email"], "mask")
    assert row["canonical_solution"] == f"    return '<KEY>' + {MAIL!r}\n"
    assert applied(row, "drop", kinds=["key"])["secrets_action"] == "none"


def test_the_check_of_a_program_that_reads_input_follows_its_tests():
    cases = [{"input": f"don't\n{MAIL}\n", "output": f"to {MAIL}\n", "origin": "statement"}]
    more = {"kind": "stdio", "entry_point": None, "tests": cases, "compare": "tokens"}
    row = problem("mail", "print('to', input())\n", [], head="", **more)
    texts = ProblemTexts.of(row)
    row = ProblemTexts(row, texts.columns, texts.texts, remade=True).with_texts(texts.texts)
    assert repr(cases[0]["input"]) in row["test"]
    shown = applied(row, "mask")
    assert shown["tests"][0]["input"] == "don't\n<EMAIL>\n"
    assert f"{shown['tests'][0]['input']!r}" in shown["test"] and MAIL not in shown["test"]


def test_a_value_that_nothing_tells_is_known_from_the_file():
    body = f"    return x == {SHORT!r}\n"
    row = problem("opens", body, [(SHORT, True), (f"{SHORT}{SHORT}", False)])
    assert applied(row, "mask")["secret_kinds"] == []
    row = applied(row, "mask", known={SHORT.encode(): "password"})
    assert row["secret_kinds"] == ["password"]
    assert row["canonical_solution"] == "    return x == '<PASSWORD>'\n"
    assert [case["input"] for case in row["tests"]] == ["('<PASSWORD>',)", f"('{SHORT}{SHORT}',)"]


def test_a_name_that_is_the_same_as_a_value_is_none():
    body = "    correcthorse = 'correcthorse'  # correcthorse\n    return correcthorse\n"
    row = applied(problem("word", body, [(1, 2)]), "mask", known={b"correcthorse": "password"})
    masked = "    correcthorse = '<PASSWORD>'  # <PASSWORD>\n    return correcthorse\n"
    assert row["canonical_solution"] == masked


def test_names_of_tests_repeat_no_argument():
    origin = f"test/test_a.py::test_login[{MAIL}]"
    cases = [{"input": f"({MAIL!r},)", "output": "True", "origin": origin}]
    row = login(tests=cases, traced_tests=[origin])
    shown = next(apply_policy([row], Policy("mask")))
    assert shown["tests"][0]["origin"] == "test/test_a.py::test_login[<EMAIL>]"
    assert shown["traced_tests"] == ["test/test_a.py::test_login[<EMAIL>]"]


def test_texts_that_are_put_back_are_the_row():
    for row in (login(), login(tags=["a"], title="é", solutions=[], docstring="No.")):
        texts = ProblemTexts.of(row)
        assert texts.with_texts(texts.texts) == row
        begin_end = [texts.content[begin:end] for begin, end in texts.bounds]
        assert begin_end == list(texts.texts)


@pytest.mark.parametrize("policy", POLICIES)
def test_messages_about_a_problem_repeat_no_value(policy):
    row = applied(login(), policy)
    messages = [f"test 0: {MAIL!r} expected", None, "other", f"KeyError: '\\n{MAIL}'"]
    messages += [f"'{MAIL[:9]}… expected, '{MAIL[:5]}…", f"\udc80: {MAIL[:12]}"]  # cut in a value
    hidden = ["test 0: '<EMAIL>' expected", None, "other", "KeyError: '\\n<EMAIL>'"]
    hidden += ["'… expected, '…", "\udc80: …"]
    if policy != "mask":  # under which no program can say it
        assert values_hidden(row, messages) == hidden
    assert values_hidden(row | {"secret_kinds": None}, messages) == messages
