"""No value of a secret is written or printed anywhere but in what holds files as they were.

Values of 20 kinds are planted in the files of a project: in statements, docstrings, comments and
tests. Then everything that the stages wrote and printed is looked through for them.
"""

import json
import random
import resource
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import cli
from tests.conftest import Ask, Quire
from tests.support.texts_of_files import texts_of

ALPHABET = string.ascii_letters + string.digits
RNG = random.Random(5)  # made here: a repository with keys in it is stopped by scanners


def drawn(count: int, alphabet: str = ALPHABET) -> str:
    return "".join(RNG.choices(alphabet, k=count))


# Values, and the line that each of them stands in.
PLANTED = {
    "AKIA" + drawn(16, string.ascii_uppercase + "234567"): "K = '{}'",
    f"xoxb-{drawn(12, '123456789')}-{drawn(12, '123456789')}-{drawn(24)}": "S = '{}'",
    "AIza" + drawn(35): "G = '{}'",
    "sk_live_" + drawn(24): "X = '{}'",
    f"SG.{drawn(22)}.{drawn(43)}": "X = '{}'",
    "npm_" + drawn(36): "X = '{}'",
    "glpat-" + drawn(20): "T = '{}'",
    "hf_" + drawn(34, string.ascii_letters): "X = '{}'",
    f"sk-proj-{drawn(20)}T3BlbkFJ{drawn(20)}": "X = '{}'",
    drawn(40): "aws_secret_access_key = '{}'",
    "vK8#qTz2!mWp": "PASSWORD = '{}'",
    "hunter-Grau7-Wal": "connect(password='{}')",
    drawn(50): "SECRET_KEY = '{}'",
    drawn(32, "0123456789abcdef"): "api_key = '{}'",
    "pX7zLq92vT": "U = 'postgres://joe:{}@db.uni-bonn.de:5432/x'",
    drawn(64): "P = '''-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n'''",
    "81.169.145.78": "HOST = '{}'",
    "2a01:4f8:c17:b0f::2": "HOST = '{}'",
    "m.mueller@uni-bonn.de": "E = '{}'",
    "mia.keller@uni-bonn.de": "E = '{}'",
}
FUNCTION = '''

def f{number}(numbers):
    """Return how many numbers there are in list {number}.

    Ask {mail} for more.

    >>> f{number}([1])
    1
    >>> f{number}([1, 2])
    2
    """
    # Written by {mail}.
    {line}
    return len(numbers)
'''
ORIGINALS = {"files", "corpus", "archives"}  # what holds files as they were
# Under `drop` these say what is to be dropped, and feed leaves it out.
MARKED = {"functions", "contest_problems", "problems"}
# Texts to train on: under `report` they are as they were.
TEXTS = MARKED | {"examples", "exports", "tokens"}
LICENCE = """MIT License

Copyright (c) 2024 Nobody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
FAILING = 3_000  # bytes of a file, with which every stage fails


def write_tree(folder: Path) -> Path:
    """A project with a planted value in each file."""
    for number, (value, line) in enumerate(PLANTED.items()):
        path = folder / ("tests" if number % 4 == 3 else "pkg") / f"m{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        statement = line.format(value)
        mail = value if "@" in value else "nobody"
        inside = statement if "\n" not in statement else "pass"
        text = f"N = {number}\n{statement}\n"
        path.write_text(text + FUNCTION.format(number=number, mail=mail, line=inside))
    (folder / "LICENSE").write_text(LICENCE)
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA with the corpus of that project."""
    folder = tmp_path_factory.mktemp("planted")
    tree = write_tree(folder / "tree")
    data = str(folder / "data")
    assert cli.main(["crawl", data, f"dir:{tree}", "--workers=1"]) == 0
    assert cli.main(["corpus", data, "--workers=1", "--dedup=exact"]) == 0
    return folder / "data"


def values_in(text: str) -> list[str]:
    return [value for value in PLANTED if value in text]


def holders(data: Path) -> dict[str, list[str]]:
    """What below DATA holds planted values, and which."""
    found: dict[str, set[str]] = {}
    for path, text in texts_of(data):
        if values := values_in(text):
            found.setdefault(path.relative_to(data).parts[0], set()).update(values)
    return {name: sorted(values) for name, values in found.items()}


def fail(stage: str, data: Path) -> str:
    """Run a stage that cannot write its shards; returns what it says."""
    limit = (FAILING, FAILING)
    run = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", stage, str(data), "--workers=1", "--resume"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and "failed: " in run.stderr, run.stderr
    return run.stdout + run.stderr


def write_samples(data: Path, ask: Ask) -> Path:
    """Samples that fail with a message that holds all values of their problem's solution."""
    samples = data.parent / "samples.jsonl"
    query = """SELECT problem_id AS task_id,
        replace(canonical_solution, 'return len(', 'raise ValueError(locals(), ') AS completion
    FROM problems WHERE secrets_action IS DISTINCT FROM 'drop'"""
    rows = [{"task_id": name, "completion": completion} for name, completion in ask(data, query)]
    samples.write_text("\n".join(map(json.dumps, rows)))
    return samples


@pytest.mark.parametrize("policy", ["report", "mask", "drop"])
def test_values_are_only_where_files_are_as_they_were(
    corpus: Path,
    tmp_path: Path,
    quire: Quire,
    ask: Ask,
    capfd: pytest.CaptureFixture[str],
    policy: str,
) -> None:
    data = Path(shutil.copytree(corpus, tmp_path / "data"))
    every = ["--kinds=key,password,email,ip"] if policy != "report" else []
    assert quire("secrets", data, f"--policy={policy}", *every, "--workers=1") == 0
    said = fail("functions", data) if policy == "mask" else ""
    assert holders(data).keys() <= ORIGINALS
    assert quire("functions", data, "--workers=1", "--resume") == 0
    assert quire("contests", data, "doctest:", "--workers=1") == 0
    assert quire("verify", data) == 0
    samples = write_samples(data, ask)
    flags = [f"--eval={data}", f"--data={data}", "--ignore-incomplete", "--skip-self-check"]
    assert quire("evaluate", samples, *flags) == 0
    exports = [f"--to={name}" for name in ("text", "sft", "rl", "harbor")]
    assert quire("feed", data, *exports, "--split=all", "--workers=1") == 0
    assert quire("report", data) == quire("report", data, "--card") == 0
    assert quire("diff", data, corpus) == quire("check", data) == 0
    for question in ("secrets", "rejects", "funnel", "FROM secrets"):
        assert quire("sql", data, question) == 0
    assert values_in(said + "".join(capfd.readouterr())) == []
    found = holders(data)
    assert found["files"] == found["corpus"] == sorted(PLANTED), "nothing was planted"
    texts = {"report": TEXTS, "mask": set(), "drop": MARKED}
    assert found.keys() <= ORIGINALS | texts[policy]
    told = ask(data, "SELECT why FROM verdicts_evaluate WHERE why LIKE '%numbers%<_%>%'")
    assert bool(told) == (policy != "drop"), "what fails is to say what its values are"
    masked = ask(data, "SELECT count(masked_sha256) FROM examples WHERE source = 'corpus'")
    assert masked == [(len(PLANTED) if policy == "mask" else 0,)]
