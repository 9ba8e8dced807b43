"""secrets as a command: rows, shards, policies, equal bytes, what readers do, refusals."""

import contextlib
import hashlib
import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.secrets import build_flags
from tests.conftest import Ask, Quire, write_files
from tests.support.inputs import digests, source
from transforms.lib.skeleton.storage import Storage

SMALL_UNITS = 12_000  # bytes: several to a corpus as small as this
MAILS = '''# é Written by mia.keller@uni-bonn.de.


def address():
    """Return the address tom.berger@uni-bonn.de of somebody."""
    return "mia.keller@uni-bonn.de"


def count(numbers):
    """Return how many numbers there are in them."""
    return len(numbers)
'''
RETURNS = MAILS.replace("tom.berger", "ida.lang").replace("\n", "\r\n").replace("count", "size")
VALUES = ("mia.keller@uni-bonn.de", "tom.berger@uni-bonn.de", "ida.lang@uni-bonn.de")
FILES = {
    "mails.py": MAILS,
    "docs/conf.py": "\ufeff" + RETURNS,
    **{f"m{number}.py": source(number) for number in range(40)},
    "pkg/tests/last.py": "LAST = 'mia.keller@uni-bonn.de'\n" + source(99),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA with a committed corpus of several shards."""
    folder = tmp_path_factory.mktemp("secrets")
    rows = [{"repo": "one", "path": path, "content": text} for path, text in FILES.items()]
    files = write_files(folder / "files.parquet", rows, row_group_size=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", SMALL_UNITS)
        run = ["corpus", folder / "data", f"--files={files}", "--dedup=exact", "--workers=1"]
        assert cli.main(list(map(str, run))) == 0
    assert len(list(folder.glob("data/corpus/part-*"))) > 2
    return folder / "data"


@pytest.fixture
def data(corpus: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(corpus, tmp_path / "data"))


def secrets_of(data: Path) -> dict[str, str]:
    """The digests of the shards of `secrets`."""
    return {name: each for name, each in digests(data).items() if name.startswith("secrets/")}


def test_a_row_says_where_and_never_what(
    data: Path, quire: Quire, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("secrets", data, "--workers=1") == 0
    said = capsys.readouterr().err
    assert (
        "secrets: 7 of high confidence (email 7), 0 of low confidence, in 3 files; report" in said
    )
    columns = "path, start_byte, end_byte, line, is_test, kind, confidence, action, mask"
    rows = ask(data, f"SELECT {columns}, fingerprint FROM secrets")
    assert [row[:1] + row[3:9] for row in rows] == [
        ("mails.py", 1, False, "email", "high", "none", "<EMAIL>"),
        ("mails.py", 5, False, "email", "high", "none", "<EMAIL_2>"),
        ("mails.py", 6, False, "email", "high", "none", "<EMAIL>"),
        ("docs/conf.py", 1, True, "email", "high", "none", "<EMAIL>"),
        ("docs/conf.py", 5, True, "email", "high", "none", "<EMAIL_2>"),
        ("docs/conf.py", 6, True, "email", "high", "none", "<EMAIL>"),
        ("pkg/tests/last.py", 1, True, "email", "high", "none", "<EMAIL>"),
    ]
    found = [FILES[path].encode()[begin:end].decode() for path, begin, end, *_ in rows]
    mia, tom, ida = VALUES
    assert found == [mia, tom, mia, mia, ida, mia, mia]
    fingerprints = dict(zip(found, (row[-1] for row in rows), strict=True))
    assert [row[-1] for row in rows] == [fingerprints[value] for value in found]
    assert len(set(fingerprints.values())) == 3
    made = [path for path in data.rglob("*") if path.is_file() and "corpus" not in path.parts]
    assert not any(value.encode() in path.read_bytes() for path in made for value in VALUES)


def test_each_shard_of_corpus_has_one_of_its_name(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("secrets", data, "--workers=1") == 0
    holding = (
        "SELECT DISTINCT parse_filename(filename) FROM read_parquet('{}/part-*', filename = true)"
    )
    corpus = f"{holding.format(data / 'corpus')} WHERE content LIKE '%@uni-bonn.de%' ORDER BY 1"
    secrets = f"{holding.format(data / 'secrets')} ORDER BY 1"
    assert ask(data, corpus) == ask(data, secrets) and len(ask(data, secrets)) > 1


def test_bytes_are_the_same_on_two_workers_and_in_any_folder(
    data: Path, quire: Quire, tmp_path: Path
) -> None:
    other = shutil.copytree(data, tmp_path / "other")
    assert quire("secrets", data, "--workers=1") == 0
    assert quire("secrets", other, "--workers=2") == 0
    assert secrets_of(data) == secrets_of(other) and len(secrets_of(data)) > 2


def test_a_shard_that_is_gone_is_made_anew_alone(data: Path, quire: Quire) -> None:
    assert quire("secrets", data, "--workers=1", "--policy=mask") == 0
    whole = secrets_of(data)
    gone, *others = sorted(data.glob("secrets/part-*"))
    stamps = [path.stat().st_mtime_ns for path in others]
    gone.unlink()
    assert quire("secrets", data, "--workers=1", "--resume", "--policy=mask") == 0
    assert secrets_of(data) == whole
    assert [path.stat().st_mtime_ns for path in others] == stamps


def test_a_key_of_ones_own_is_nowhere_and_makes_other_fingerprints(
    data: Path, quire: Quire, ask: Ask, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key, empty = tmp_path / "key", tmp_path / "empty"
    key.write_text("6dfc9a2be01788e4\n")
    empty.write_text("\n")
    prints = "SELECT DISTINCT fingerprint FROM secrets"
    assert quire("secrets", data, "--workers=1") == 0
    before = set(ask(data, prints))
    mine = ["--workers=1", "--overwrite", f"--fingerprint-key={key}"]
    assert quire("secrets", data, *mine) == 0
    assert before.isdisjoint(ask(data, prints))
    written = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    assert not any(b"6dfc9a2b" in content for content in written)
    assert "6dfc9a2b" not in "".join(capfd.readouterr())
    assert quire("secrets", data, "--resume") == 2
    assert "ran here with other inputs or settings" in capfd.readouterr().err
    for wrong, line in ((empty, "empty; a key"), (tmp_path / "none", "cannot be read")):
        assert quire("secrets", data, "--overwrite", f"--fingerprint-key={wrong}") == 2
        assert line in capfd.readouterr().err


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--kinds=email"], "--kinds says what --policy mask or drop acts on"),
        (["--policy=mask", "--kinds=mail"], "'mail' is none of key, password, email, ip"),
        (["--policy=hide"], "invalid choice: 'hide'"),
    ],
)
def test_wrong_flags(
    data: Path, quire: Quire, capsys: pytest.CaptureFixture[str], flags: list[str], line: str
) -> None:
    with contextlib.suppress(SystemExit):
        assert quire("secrets", data, *flags) == 2
    assert line in capsys.readouterr().err
    assert not (data / "secrets").exists()


def fed(data: Path, quire: Quire, *policy: str) -> None:
    """Run the stages from secrets to feed."""
    again = ["--workers=1", "--overwrite"]
    assert quire("secrets", data, *again, *policy) == 0
    assert quire("functions", data, *again) == 0
    assert quire("feed", data, *again, "--split=all", "--to=text", "--to=sft") == 0
    assert quire("check", data) == 0


def test_under_mask_what_is_made_has_masks(
    data: Path, quire: Quire, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    fed(data, quire, "--policy=mask")
    assert "masked: key, password, email, ip" in capsys.readouterr().err
    masked = MAILS.replace(VALUES[0], "<EMAIL>").replace(VALUES[1], "<EMAIL_2>")
    digest, original = (hashlib.sha256(t.encode()).hexdigest() for t in (masked, MAILS))
    [(text, sha256, masked_sha256, kinds)] = ask(
        data,
        "SELECT completion, sha256, masked_sha256, secret_kinds FROM examples"
        " WHERE source = 'corpus' AND path = 'mails.py'",
    )
    assert (text, sha256, masked_sha256, kinds) == (masked, original, digest, ["email"])
    functions = ask(
        data,
        "SELECT qualname, prompt || body, start_byte, start_line, sha256, masked_sha256,"
        " secret_kinds, secrets_action FROM functions WHERE path = 'mails.py'",
    )
    for _, code, begin, line, sha256, masked_sha256, _, _ in functions:
        assert masked.encode()[begin : begin + len(code.encode())] == code.encode()
        assert masked[: masked.index(code)].count("\n") + 1 == line
        assert (sha256, masked_sha256) == (original, digest)
    held = [(row[0], *row[-2:]) for row in functions]
    assert held == [("address", ["email"], "mask"), ("count", [], None)]
    texts = ask(data, "SELECT completion FROM examples UNION ALL SELECT text FROM exports_text")
    assert not any(value in text for (text,) in texts for value in VALUES)
    assert ask(data, "SELECT count(*) FROM examples WHERE secret_kinds IS NULL") == [(0,)]


def test_under_drop_files_and_functions_are_left_out(data: Path, quire: Quire, ask: Ask) -> None:
    fed(data, quire, "--policy=drop", "--kinds=email,key")
    columns = "path, split_part(value, ' ', 1), regexp_replace(value, '^\\w+ \\w+ ', '')"
    dropped = ask(data, f"SELECT {columns} FROM rejects_feed WHERE reason = 'secret' ORDER BY ALL")
    assert dropped == [
        ("docs/conf.py", "corpus", "email 3"),
        ("mails.py", "corpus", "email 3"),
        ("mails.py", "functions", "email"),
        ("pkg/tests/last.py", "corpus", "email 1"),
    ]
    assert ask(data, "SELECT name FROM examples WHERE path = 'mails.py'") == [("count",)]
    assert ask(data, "SELECT count(*) FROM functions WHERE masked_sha256 IS NOT NULL") == [(0,)]


def test_under_report_and_without_secrets_nothing_is_changed(
    data: Path, quire: Quire, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = "SELECT example_id, prompt, completion FROM examples ORDER BY ALL"
    kinds = "SELECT DISTINCT secret_kinds FROM examples ORDER BY 1"
    again = ["--workers=1", "--overwrite"]
    assert quire("functions", data, *again) == quire("feed", data, *again) == 0
    assert "secrets" not in capsys.readouterr().err
    before = ask(data, texts)
    assert ask(data, kinds) == [(None,)]
    assert quire("secrets", data, *again) == quire("functions", data, *again) == 0
    assert quire("feed", data, *again) == 0
    assert (
        "feed: secrets found in 4 of the examples (email in 4); "
        f"to mask them: quire secrets {data} --policy mask --overwrite, and then the stages after it"
    ) in capsys.readouterr().err
    assert ask(data, texts) == before
    assert ask(data, kinds) == [([],), (["email"],)]


@pytest.fixture
def made(data: Path, quire: Quire) -> Iterator[Path]:
    """DATA with masked functions."""
    assert quire("secrets", data, "--workers=1", "--policy=mask") == 0
    assert quire("functions", data, "--workers=1") == 0
    yield data


def test_what_was_made_before_another_policy_is_refused(
    made: Path, quire: Quire, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("secrets", made, "--resume") == 2
    assert "secrets ran here with the policy scheme mask, and this is report" in (
        capsys.readouterr().err
    )
    drop = ["--workers=1", "--overwrite", "--policy=drop", "--kinds=email"]
    assert quire("secrets", made, *drop) == 0
    assert quire("feed", made, "--workers=1") == 2
    said = capsys.readouterr().err
    assert f"not made of `secrets` as they are here; run `quire functions {made}" in said
    assert quire("secrets", made, *drop, "--limit=1") == 0
    assert quire("functions", made, "--workers=1", "--overwrite") == 2
    assert "made of 1 of " in capsys.readouterr().err
    assert quire("secrets", made, "--overwrite", "--workers=1") == 0
    assert quire("feed", made, "--workers=1") == 2, "functions have the masks of an earlier policy"
    (made / "secrets").rename(made / "gone")
    assert quire("feed", made, "--workers=1") == 2, "nor is there one that says what was masked"
    (made / "gone").rename(made / "secrets")
    shutil.rmtree(made / "corpus")
    files = write_files(made.parent / "b.parquet", [{"repo": "a", "path": "b", "content": MAILS}])
    assert quire("corpus", made, f"--files={files}", "--workers=1", "--overwrite") == 0
    capsys.readouterr()
    for stage in ("functions", "feed"):
        assert quire(stage, made, "--workers=1", "--overwrite") == 2
        said = capsys.readouterr().err
        assert f"made of another `corpus` than is here; run `quire secrets {made} --over" in said


def test_a_build_that_is_resumed_keeps_its_policy(made: Path) -> None:
    storage = Storage(str(made))
    for secrets, policy in ((None, "mask"), ("report", "report"), ("drop", "drop")):
        flags = build_flags(storage, Namespace(resume=True, secrets=secrets))
        assert flags["policy"] == policy
    assert build_flags(storage, Namespace(resume=False, secrets=None))["policy"] == "report"
