"""ci after `quire secrets`: values that tests pass and get are looked for in problems and logs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import cli
from tests.support.tested_projects import TOX, indexed

MAIL, TOKEN = "ann.lee@firm.com", "glpat-" + "2gin7BMsFxvKK4Q519Pk"
FILES = {
    "tox.ini": TOX,
    "mail.py": '''"""Mail."""


def greeting(address):
    """Return what a mail begins with."""
    name = address.strip()
    return f"Hello {name}!"


def host(address):
    """Return the host of an address."""
    parts = address.split("@")
    return parts[-1]


def token(tokens, user):
    """Return the token of a user."""
    known = dict(tokens)
    return known.get(user, "")


def twice(n):
    """Return n doubled."""
    doubled = n + n
    return doubled
''',
    "test_mail.py": f'''
import warnings

import pytest
from mail import greeting, host, token, twice


@pytest.mark.parametrize("address", ["{MAIL}", "bob", "zoe"])
def test_greeting(address):
    assert greeting(address) == f"Hello {{address}}!"


def test_host():
    assert [host("{MAIL}"), host("a@b")] == ["firm.com", "b"]


def test_token():
    assert token([("ann", "{TOKEN}")], "ann") == "{TOKEN}"
    assert token([], "ann") == ""


def test_twice():
    assert [twice(1), twice(4)] == [2, 8]
    warnings.warn("asked for by {MAIL}")  # which pytest repeats at its end
''',
}
PROBLEMS = "SELECT qualname, secret_kinds, secrets_action FROM ci_problems ORDER BY 1"


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Iterator[Path]:
    """DATA with the project crawled; the index is there."""
    folder = tmp_path_factory.mktemp("planted")
    for name, text in FILES.items():
        (folder / "mail" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "mail" / name).write_text(text)
    data = folder / "data"
    with indexed():
        for command in (["crawl", str(data), f"dir:{folder}/mail"], ["corpus", str(data)]):
            assert cli.main([*command, "--workers=1"]) == 0
        yield data


def secrets(data: Path, policy: str) -> None:
    flags = (f"--policy={policy}", "--overwrite", "--workers=1")
    assert cli.main(["secrets", str(data), *flags]) == 0


def test_each_policy(data, quire, ask):
    secrets(data, "mask")
    assert quire("ci", data, "--workers=1") == 0
    assert ask(data, PROBLEMS) == [
        ("greeting", ["email"], "mask"),
        ("host", ["email"], "mask"),
        ("token", ["key"], "mask"),
        ("twice", [], None),
    ]
    [(state, log)] = ask(data, "SELECT state, log FROM environments")
    assert state == "green" and "<EMAIL>" in log
    written = "ci_problems", "environments", "rejects_ci"
    assert not any(
        value in str(ask(data, f"FROM {name}")) for name in written for value in (MAIL, TOKEN)
    )
    [(tests,)] = ask(data, "SELECT tests FROM ci_problems WHERE qualname = 'token'")
    assert {(case["input"], case["output"]) for case in tests} == {
        ("([('ann', '<KEY>')], 'ann')", "'<KEY>'"),
        ("([], 'ann')", "''"),
    }
    origins = "SELECT unnest(traced_tests) FROM ci_problems WHERE qualname = 'greeting'"
    assert ("test_mail.py::test_greeting[<EMAIL>]",) in ask(data, origins)
    assert quire("verify", data, "--workers=1") == 0
    kept = "SELECT entry_point, secret_kinds, secrets_action FROM problems ORDER BY ALL"
    assert ask(data, kept) == [
        ("greeting", ["email"], "mask"),
        ("token", ["key"], "mask"),
        ("twice", [], None),
    ]
    [(reason, value)] = ask(data, "SELECT reason, value FROM rejects_verify")
    assert reason == "reference_fails" and "firm.com' expected" in value


def test_another_policy_makes_other_problems_of_the_same_calls(data, quire, ask, capsys):
    ids = ask(data, "SELECT problem_id FROM ci_problems ORDER BY 1")
    secrets(data, "drop")
    assert quire("ci", data, "--resume", "--workers=1") == 2
    assert "other inputs or settings" in capsys.readouterr().err
    assert quire("ci", data, "--from-calls", "--overwrite", "--workers=1") == 0
    assert ask(data, PROBLEMS) == [
        ("greeting", ["email"], "none"),
        ("host", ["email"], "none"),
        ("token", ["key"], "drop"),
        ("twice", [], None),
    ]
    assert ask(data, "SELECT problem_id FROM ci_problems ORDER BY 1") == ids
    assert MAIL in str(ask(data, "SELECT tests FROM ci_problems"))
    assert MAIL in json.dumps(ask(data, "SELECT arguments FROM calls")), "what was recorded stays"
