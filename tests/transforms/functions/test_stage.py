"""`quire functions` as a command: the funnel, exact bytes, duplicates, hostile files, resuming."""

import asyncio
import contextlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.runners.portability.fn_api_runner import execution

from pipelines import cli
from tests.conftest import write_files
from tests.support.inputs import digests
from tests.support.plain_duplicates import slow_shingles
from transforms.functions.bodies import normalised
from transforms.lib.duplicates import candidates
from transforms.lib.duplicates.near_duplicates import MARGIN
from transforms.lib.licences import is_permissive
from transforms.lib.skeleton.spill import Spill
from transforms.lib.text.batch import text_batch

# What Python says of a file that its parser has no room for.
OVERFLOW = "MemoryError Parser stack overflowed - Python source too complex to parse"
OVERFLOW = OVERFLOW if sys.version_info >= (3, 12) else "MemoryError"
SMALL_UNITS = 150_000  # bytes: several to a corpus as small as this
WORDS = [f"name_{i}" for i in range(300)]


def hostile(text: str) -> str:
    """Text in lines of 60, each with a comment, so that no filter of corpus drops it."""
    lines = [f"{text[i : i + 60]}  # {'word ' * 6}" for i in range(0, len(text), 60)]
    return "x = (\n" + "\n".join(lines) + "\n)\n"


REJECTED = {
    "parentheses.py": (hostile("(" * 25_000 + ")" * 25_000), "too_nested", "25002"),
    "minuses.py": (hostile("-" * 20_000 + "1"), "too_nested", "20002"),
    "chain.py": (hostile("a" + ".b" * 20_000), "too_nested", "20002"),
    "branches.py": ("if a: b\n" + "elif a: b\n" * 7_000, "too_complex", OVERFLOW),
    "elements.py": ("x = [\n" + ("10, " * 20 + "\n") * 10_000 + "]\n", "too_many_tokens", "400004"),
    "broken.py": ("def f(:\n    'd'\n", "syntax_error", "line 1: invalid syntax"),
    "old.py": (
        "def f():\n    'd'\n    print 'a'\n",
        "python_2",
        "line 3: Missing parentheses in call to 'print'. Did you mean print(...)?",
    ),
    "newer.py": (
        "def f(b):\n    'd'\n    return [*a for a in b]\n",
        "newer_python",
        "line 3: iterable unpacking cannot be used in comprehension",
    ),
    "none.py": ("def f(): return 'no docstring'\nclass A:\n    'd'\n", "no_docstring", ""),
    "concatenated.py": ("def f():\n    'a' 'b'\ndef g():\n    b'c'\n", "no_docstring", ""),
}
DOCSTRING = "Parsed where it can be killed, for it might be made to overflow a stack."
DEEP = f"def deep(a=(\n  {'-' * 80}1)):\n    '''{DOCSTRING}'''\n    return a\n"


def families(seed: int, count: int) -> list[str]:
    """Functions in families: their bodies are copies, or more or less similar."""
    rng = random.Random(seed)
    bodies: dict[int, list[str]] = {}
    sources = []
    for number in range(count):
        family = rng.randrange(count // 8)
        words = list(bodies.get(family) or rng.choices(WORDS, k=60))
        for _ in range(rng.choice((0, 0, 1, 1, 2, 2, 3, 8))):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        bodies[family] = words
        lines = [f"        {' + '.join(words[i : i + 6])}\n" for i in range(0, 60, 6)]
        indent = rng.choice(("        ", "          "))
        comment = rng.choice(("", f"{indent}# {number}\n"))
        body = "".join(lines).replace("        ", indent)
        sources.append(
            f"class A:\n    def f{number}(self):\n{indent}'''D{number % 2}.'''\n{comment}{body}"
        )
    return sources


def files() -> list[dict]:
    """Real files, functions in families, and files that must be rejected."""
    folder = Path(asyncio.__file__).parent
    contents = {path.name: path.read_text() for path in sorted(folder.glob("*.py"))}
    contents |= {f"family{i}.py": text for i, text in enumerate(families(1, 300))}
    contents |= {name: text for name, (text, _, _) in REJECTED.items()}
    contents |= {"deep.py": DEEP, "crlf.py": DEEP.replace("\n", "\r\n")}
    rng = random.Random(2)
    return [
        {
            "repo": f"project{rng.randrange(9)}",
            "path": name,
            "content": text,
            "licence_spdx": rng.choice(["MIT", "GPL-3.0-only", None]),
            "stars": rng.choice([None, 7, 9]),
        }
        for name, text in sorted(contents.items())
    ]


@contextlib.contextmanager
def small_units():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("transforms.lib.skeleton.units.UNIT_BYTES", SMALL_UNITS)
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """DATA with a committed corpus of several shards."""
    folder = tmp_path_factory.mktemp("functions")
    parquet = write_files(folder / "files.parquet", files(), row_group_size=40)
    with small_units():
        run = ["corpus", folder / "data", "--files", parquet, "--dedup=exact", "--workers=1"]
        assert cli.main([str(each) for each in run]) == 0
    return folder / "data"


@pytest.fixture(scope="module")
def built(corpus, tmp_path_factory):
    """The same DATA with its functions."""
    data = tmp_path_factory.mktemp("built") / "data"
    shutil.copytree(corpus, data)
    with small_units():
        assert cli.main(["functions", str(data), "--workers=1"]) == 0
    return data


def test_every_file_has_functions_or_one_reject(built, quire, ask, capsys):
    assert ask(
        built,
        "SELECT path, reason, value FROM rejects_functions WHERE path NOT IN "
        f"({', '.join(repr(p.name) for p in Path(asyncio.__file__).parent.glob('*.py'))}) ORDER BY path",
    ) == sorted((path, reason, value) for path, (_, reason, value) in REJECTED.items())
    both = """SELECT sha256 FROM corpus EXCEPT ALL
        (SELECT DISTINCT sha256 FROM functions UNION ALL SELECT sha256 FROM rejects_functions)"""
    assert ask(built, both) == []
    assert quire("check", built) == 0
    capsys.readouterr()
    assert quire("sql", built, "funnel", "--format=csv") == 0
    lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    counts = [int(files) for stage, _, files in lines if stage == "functions"]
    assert counts[0] == -sum(counts[1:-1]) + counts[-1] and len(counts) == 9
    assert quire("sql", built, "functions", "--format=csv") == 0
    assert capsys.readouterr().out.startswith("kind,functions,no_duplicates")


def test_prompt_and_body_are_the_files_bytes(built, ask):
    found = ask(
        built,
        """SELECT f.path, content, start_byte, prompt, body, start_line, end_line,
        f.lines, docstring_raw, signature FROM functions f JOIN corpus USING (sha256)""",
    )
    for path, content, begin, prompt, body, first, last, lines, raw, signature in found:
        text = (prompt + body).encode()
        assert content.encode()[begin : begin + len(text)] == text, path
        assert prompt.endswith(raw) and signature in prompt
        assert content.encode()[:begin].count(b"\n") + 1 == first
        assert last - first + 1 == lines == len(text.splitlines())
    assert len(found) > 500


def test_rows_have_what_their_file_has(built, ask):
    columns = 'repo, path, "commit", sha256, licence_spdx, stars, split'
    assert (
        ask(built, f"SELECT DISTINCT {columns} FROM functions EXCEPT SELECT {columns} FROM corpus")
        == []
    )
    assert ask(built, "SELECT count(*) - count(DISTINCT function_id) FROM functions") == [(0,)]
    deep = ask(
        built,
        "SELECT path, qualname, parameters, docstring FROM functions WHERE path IN ('deep.py', 'crlf.py') ORDER BY 1",
    )
    parameter = {"name": "a", "kind": "positional_or_keyword", "annotation": None}
    written = "(\n  " + "-" * 80 + "1)"
    assert deep == [
        ("crlf.py", "deep", [parameter | {"default": written.replace("\n", "\r\n")}], DOCSTRING),
        ("deep.py", "deep", [parameter | {"default": written}], DOCSTRING),
    ]


def in_order(data) -> list[dict]:
    """The rows of `functions` in the winners' order."""
    shards = sorted((data / "functions").glob("part-*"))
    rows = [row for shard in shards for row in pq.read_table(shard).to_pylist()]
    return sorted(
        rows, key=lambda row: (not is_permissive(row["licence_spdx"]), -(row["stars"] or 0))
    )


def test_exact_duplicates_are_those_of_brute_force(built):
    groups = defaultdict(list)
    rows = in_order(built)
    bodies = normalised(text_batch(pa.array([row["body"] for row in rows]))).array.to_pylist()
    for row, body in zip(rows, bodies, strict=True):
        assert (row["body_sha256"] is None) == (body == "")
        if len(re.findall(r"\w+", body, re.ASCII)) >= 5:
            groups[body, " ".join(row["docstring"].split())].append(row)
    expected = {
        row["function_id"]: group[0]["function_id"]
        for group in groups.values()
        for row in group[1:]
    }
    found = {r["function_id"]: r["exact_duplicate_of"] for r in rows if r["exact_duplicate_of"]}
    assert found == expected and len(found) > 20
    bodies_alone = {row["body_sha256"] for row in rows}
    assert len(rows) - len(bodies_alone) > len(found) + 20  # with other docstrings, or short


def test_near_duplicates_are_verified_against_their_representative(built):
    rows = in_order(built)
    bodies = normalised(text_batch(pa.array([row["body"] for row in rows]))).array.to_pylist()
    place = {row["function_id"]: i for i, row in enumerate(rows)}
    sets = [slow_shingles(body) for body in bodies]

    def jaccard(left: int, right: int) -> float:
        return len(sets[left] & sets[right]) / len(sets[left] | sets[right])

    duplicates = [i for i, row in enumerate(rows) if row["near_duplicate_of"]]
    assert len(duplicates) > 50
    assert not any(rows[i]["exact_duplicate_of"] for i in duplicates)
    for i in duplicates:
        representative = place[rows[i]["near_duplicate_of"]]
        assert representative < i and rows[representative]["near_duplicate_of"] is None
        assert jaccard(i, representative) >= 0.7
        assert abs(jaccard(i, representative) - rows[i]["near_jaccard"]) < MARGIN
    columns = ("exact_duplicate_of", "near_duplicate_of")
    kept = [i for i, row in enumerate(rows) if sets[i] and not any(row[name] for name in columns)]
    missed = sum(any(jaccard(j, i) >= 0.85 for j in kept[:n]) for n, i in enumerate(kept))
    assert missed <= 0.02 * len(duplicates)


@pytest.mark.parametrize(("workers", "part_bytes"), [(2, 2_000_000), (1, 5_000)])
def test_same_bytes(corpus, built, tmp_path, quire, monkeypatch, workers, part_bytes):
    data = tmp_path / "moved"
    shutil.copytree(corpus, data)
    monkeypatch.setattr("transforms.functions.stage.PART_BYTES", part_bytes)
    with small_units():
        assert quire("functions", data, f"--workers={workers}") == 0
    assert digests(data) == digests(built)
    assert len(list((data / "functions").glob("part-*"))) > 3


def test_in_one_unit_no_byte_is_shuffled(corpus, built, tmp_path, quire, ask, monkeypatch):
    """Record every GroupByKey of a whole run: no text is in it, and the rows are the same."""
    recorded = []
    append = execution.GroupingBuffer.append

    def record(buffer, elements):
        recorded.append(bytes(elements))
        append(buffer, elements)

    monkeypatch.setattr(execution.GroupingBuffer, "append", record)
    monkeypatch.setattr(Spill, "write", lambda _spill, _name, values: iter(values))
    monkeypatch.setattr("transforms.lib.skeleton.shards.ROW_GROUP_BYTES", 100_000)
    shutil.copytree(corpus, tmp_path / "data")
    assert quire("functions", tmp_path / "data", "--workers=1") == 0
    shuffled = b"".join(recorded)
    assert b"corpus/part-00000.parquet" in shuffled  # units are shuffled
    assert not re.search(rb"name_\d|self|return|docstring|asyncio", shuffled)
    rows = "SELECT * FROM functions ORDER BY function_id"
    assert ask(tmp_path / "data", rows) == ask(built, rows)


def test_components_found_in_rounds_are_the_same(corpus, built, tmp_path, quire, monkeypatch):
    """As above 8 million files, where no worker holds all edges."""
    monkeypatch.setattr(candidates, "ONE_WORKER_PARTITIONS", 0)
    shutil.copytree(corpus, tmp_path / "data")
    with small_units():
        assert quire("functions", tmp_path / "data", "--workers=1", "--rounds=6") == 0
    assert digests(tmp_path / "data") == digests(built)


def test_kill_9_then_resume(corpus, built, tmp_path, quire, capfd):
    data = tmp_path / "data"
    shutil.copytree(corpus, data)
    start = (
        "import sys; from transforms.lib.skeleton import units; from pipelines import cli; "
        f"units.UNIT_BYTES = {SMALL_UNITS}; sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", start, "functions", str(data), "--workers=1", "--resume"]
    for markers in (1, 3):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        while len(list(data.glob("_work/functions/*.json"))) < markers:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    with small_units():
        assert quire("functions", data) == 2
        assert "--resume finishes it" in capfd.readouterr().err
        assert quire("functions", data, "--workers=1", "--resume") == 0
        written = {path: path.stat().st_mtime_ns for path in data.rglob("part-*")}
        assert quire("functions", data, "--workers=1", "--resume") == 0
    assert digests(data) == digests(built)
    assert {path: path.stat().st_mtime_ns for path in data.rglob("part-*")} == written
    assert not (data / "_work").exists()


def _torn(data):
    shard = sorted((data / "corpus").glob("part-*"))[0]
    chunk = pq.ParquetFile(shard).metadata.row_group(0).column(3)
    content = bytearray(shard.read_bytes())
    middle = chunk.data_page_offset + chunk.total_compressed_size // 2
    content[middle : middle + 400] = b"Z" * 400
    shard.write_bytes(content)
    return f"{shard}: row group 0 cannot be read"


def _gone(data):
    shard = sorted((data / "corpus").glob("part-*"))[0]
    shard.unlink()
    return f"{shard}: not a readable Parquet file"


def _uncommitted(data):
    (data / "corpus" / "_manifest.json").unlink()
    return "no `corpus` here; run `quire corpus"


@pytest.mark.parametrize("harm", [_torn, _gone, _uncommitted])
def test_bad_input_is_one_line(corpus, tmp_path, quire, capfd, harm):
    data = tmp_path / "data"
    shutil.copytree(corpus, data)
    line = harm(data)
    assert quire("functions", data, "--workers=1") == 2
    error = capfd.readouterr().err
    assert line in error and error.count("\n") == 1
    assert not (data / "functions").exists() or not list(data.glob("functions/_manifest.json"))


def test_no_corpus_rows_and_no_functions(tmp_path, quire, ask, capsys):
    texts = ["x = 1\n", "y = 22\n"]
    rows = [{"repo": "r", "path": f"{i}.py", "content": text} for i, text in enumerate(texts)]
    files = write_files(tmp_path / "in.parquet", rows)
    assert quire("corpus", tmp_path / "data", "--files", files, "--workers=1") == 0
    assert quire("functions", tmp_path / "data", "--dry-run") == 0
    assert capsys.readouterr().out.startswith(f"functions: 1 units, into {tmp_path / 'data'}\n")
    assert quire("functions", tmp_path / "data", "--workers=1") == 0
    assert ask(tmp_path / "data", "SELECT count(*) FROM functions") == [(0,)]
    assert ask(tmp_path / "data", "SELECT reason FROM rejects_functions") == [("no_docstring",)] * 2
    empty = write_files(tmp_path / "empty.parquet", [rows[0] | {"content": ""}])
    assert quire("corpus", tmp_path / "data", "--files", empty, "--workers=1", "--overwrite") == 0
    assert quire("check", tmp_path / "data") == 5, "functions of another corpus"
    assert quire("functions", tmp_path / "data", "--workers=1", "--overwrite") == 0
    assert quire("check", tmp_path / "data") == 0
