"""contests after `quire secrets`: what each policy makes of the problems, and of a later change."""

import json

import pytest

from pipelines import cli
from tests.conftest import write_files
from tests.support.inputs import digests

MAIL, TOKEN = "ann.lee@firm.com", "glpat-" + "2gin7BMsFxvKK4Q519Pk"
WORD = "kX9#vQ2m!"  # told by the name that it is assigned to, of which its problem knows nothing
PLANTED = f'''"""Mail."""

OWNER = "{MAIL}"
TOKEN = "{TOKEN}"
PASSWORD = "{WORD}"


def is_owner(address):
    """Whether an address is the owner's.

    >>> is_owner("{MAIL}")
    True
    >>> is_owner("nobody")
    False
    """
    return address == OWNER and bool(TOKEN)


def length(word):
    """How long a word is.

    >>> length("{WORD}")
    9
    >>> length("ab")
    2
    """
    return len(word)
'''
CLEAN = '''def twice(n):
    """Return n doubled.

    >>> twice(2)
    4
    >>> twice(5)
    10
    """
    return n + n
'''
APPS = {
    "id": 1,
    "question": f"Don't print anything but the mail, {MAIL}.\n\n-----Examples-----\nInput\n1\n\nOutput\n{MAIL}",
    "solutions": json.dumps([f"input()\nprint('{MAIL}')\n"]),
    "input_output": json.dumps({"inputs": ["1\n", "2\n"], "outputs": [f"{MAIL}\n", f"{MAIL}\n"]}),
    "difficulty": "interview",
    "url": "",
    "starter_code": "",
}
PROBLEMS = (
    "SELECT source, entry_point, secret_kinds, secrets_action FROM contest_problems ORDER BY ALL"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """DATA with a corpus of a planted file and a clean one; a file of APPS stands beside it."""
    folder = tmp_path_factory.mktemp("planted")
    rows = [
        {"repo": "one", "path": "mail.py", "content": PLANTED, "licence_spdx": "MIT"},
        {"repo": "two", "path": "twice.py", "content": CLEAN, "licence_spdx": "MIT"},
    ]
    files = write_files(folder / "in.parquet", rows)
    (folder / "apps.jsonl").write_text(json.dumps(APPS) + "\n")
    data = folder / "data"
    assert cli.main(["corpus", str(data), f"--files={files}", "--workers=1"]) == 0
    return data


def run(data, policy, *flags):
    sources = ("doctest:", f"apps:{data.parent}/apps.jsonl")
    if policy:
        assert (
            cli.main(["secrets", str(data), f"--policy={policy}", "--overwrite", "--workers=1"])
            == 0
        )
    return cli.main(["contests", str(data), *sources, "--workers=1", *flags])


def test_each_policy(data, quire, ask):
    ids = "SELECT problem_id FROM contest_problems ORDER BY 1"
    assert run(data, None) == 0
    assert ask(data, PROBLEMS) == [
        ("apps", None, None, None),
        ("doctest", "is_owner", None, None),
        ("doctest", "length", None, None),
        ("doctest", "twice", None, None),
    ]
    without = ask(data, ids)
    for policy, apps, owner in (
        ("report", "none", "none"),
        ("drop", "none", "drop"),
        ("mask", "mask", "mask"),
    ):
        assert run(data, policy, "--overwrite") == 0
        assert ask(data, PROBLEMS) == [
            ("apps", None, ["email"], apps),
            ("doctest", "is_owner", ["key", "email"], owner),
            ("doctest", "length", ["password"], owner),
            ("doctest", "twice", [], None),
        ]
        assert ask(data, ids) == without
        texts = str(ask(data, "FROM contest_problems"))
        assert all((value in texts) == (policy != "mask") for value in (MAIL, TOKEN, WORD))
    masked = digests(data)
    assert run(data, None, "--resume") == 0 and digests(data) == masked
    [(solution, test)] = ask(
        data, "SELECT solutions[1], test FROM contest_problems WHERE entry_point = 'is_owner'"
    )
    names: dict = {}
    exec(solution + test, names)
    names["check"](names["is_owner"])
    [(statement, tests)] = ask(
        data, "SELECT statement, tests FROM contest_problems WHERE source = 'apps'"
    )
    assert "<EMAIL>" in statement and {case["output"] for case in tests} == {"<EMAIL>\n"}
    assert quire("verify", data, "--workers=1") == 0
    rejected = "SELECT reason FROM rejects_verify WHERE value LIKE '%expected%'"
    assert ask(data, rejected) == [("reference_fails",)], "the mask is longer than the password"
    kept = "SELECT entry_point, secret_kinds, secrets_action FROM problems ORDER BY ALL"
    assert ask(data, kept) == [
        ("is_owner", ["key", "email"], "mask"),
        ("twice", [], None),
    ]


def test_another_policy_is_told(data, quire, capsys):
    assert run(data, "mask", "--overwrite") == 0
    assert run(data, "report", "--resume") == 2
    assert "other inputs or settings" in capsys.readouterr().err
