"""`quire feed` as a command: what is in, what is left out and why, order, bytes, resuming."""

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import cli
from schemas import PROBLEMS, REMOVED
from tests.conftest import Ask, Quire, write_files
from tests.support.contest_rows import problem
from tests.support.inputs import digests, source
from transforms.feed import stage, units
from transforms.feed.tokenizers.published import P50K_BASE
from transforms.feed.tokenizers.ranked_tokenizer import ranked_tokenizer
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import units as skeleton_units
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

VALIDATION = "sentry-sdk-1.45"  # a repository that its name puts into validation
METHODS = '''class Stack:
    def push(self, item):
        """Put an item on top of all others."""
        self.items.append(item)

    def __len__(self):
        """Return how many items there are."""
        return len(self.items)

    def stub(self):
        """Do something that nobody has written."""
        raise NotImplementedError

    def pop(self):
        """Pop."""
        return self.items.pop()


def twice(number):
    """Return the number, multiplied by two."""
    return 2 * number


def test_twice():
    """Test that twice gives what it should."""
    assert twice(1) == 2


def zweimal(zahl):
    """Gibt die doppelte Zahl zurück, wenn man sie als Argument übergibt."""
    return zahl + zahl
'''


CHECK = "def check(candidate):\n    assert candidate(1) == 2\n"


def put(data: Path, stage: str, schema: pa.Schema, name: str, rows: list[dict]) -> None:
    """The rows as a committed dataset of DATA."""
    storage = Storage(str(data))
    shards = UnitShards(storage, stage, "00000", "made")
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
    shards.write(name, table)
    commit(storage, stage, [name], "made", shards.commit()["shards"])


def files(folder: Path) -> Path:
    """Parquet of several row groups."""
    rows = [
        {"repo": f"project{i % 5}", "path": f"m{i}.py", "content": source(i, 3), "commit": "1.0"}
        for i in range(60)
    ]
    rows.append({"repo": "heaps", "path": "stack.py", "content": METHODS, "commit": "2.1"})
    rows.append({"repo": VALIDATION, "path": "a.py", "content": source(99), "commit": "1.45"})
    return write_files(folder / "files.parquet", rows, 20)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA with a corpus, its functions, and problems of which one may not be passed on."""
    folder = tmp_path_factory.mktemp("fed")
    data = folder / "data"
    assert cli.main(["corpus", str(data), f"--files={files(folder)}", "--workers=1"]) == 0
    assert cli.main(["functions", str(data), "--workers=1"]) == 0
    held = [
        problem("kept", "    return x + 1\n", [(1, 2)], test=CHECK),
        problem("secret", "    return x + 2\n", [(1, 3)], redistributable=False),
    ]
    put(data, "verify", PROBLEMS.schema, "problems", held)
    return data


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    subprocess.run(["cp", "-r", built, tmp_path / "data"], check=True)
    return tmp_path / "data"


def test_what_is_left_out_is_a_row_with_its_reason(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("feed", data, "--workers=1") == 0
    reasons = ask(data, "SELECT reason, count(*) FROM rejects_feed GROUP BY 1 ORDER BY 1")
    assert reasons == [
        ("docstring_language", 1),
        ("dunder", 1),
        ("not_redistributable", 1),
        ("short_docstring", 1),
        ("split", 1),
        ("stub", 1),
        ("test", 1),
    ]
    assert ask(data, "SELECT name FROM examples WHERE source = 'functions' ORDER BY 1") == [
        ("Stack.push",),
        ("twice",),
    ]
    assert ask(data, "SELECT source_id FROM examples WHERE source = 'problems'") == [("id-kept",)]
    assert ask(data, "SELECT value FROM rejects_feed WHERE reason = 'not_redistributable'") == [
        ("problems id-secret MIT",)
    ]
    assert sound(data)


def test_prompt_and_completion_are_python(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("feed", data, "--workers=1", "--tokenizer=none") == 0
    rows = ask(data, "SELECT name, kind, prompt, completion, indent, self_contained FROM examples")
    for name, kind, prompt, completion, *_ in rows:
        compile(prompt + completion, name or kind, "exec")
    [push] = [row for row in rows if row[0] == "Stack.push"]
    assert push[2].startswith("def push(self, item):\n    ") and push[4:] == ("    ", False)
    [text] = ask(
        data, "SELECT prompt, completion FROM examples WHERE path = 'stack.py' AND kind = 'file'"
    )
    assert text == ("", METHODS)


@pytest.mark.parametrize(
    ("granularity", "dataset", "named", "gone"),
    [
        ("file", "corpus", {"sha256": hashlib.sha256(METHODS.encode()).hexdigest()}, ["corpus"]),
        (
            "function",
            "corpus",
            {"sha256": hashlib.sha256(METHODS.encode()).hexdigest(), "function": "twice"},
            ["functions"],
        ),
        ("repository", "corpus", {"repo": "heaps"}, ["corpus", "functions", "functions"]),
    ],
)
def test_what_holds_evaluation_tasks_is_left_out(
    data: Path, quire: Quire, ask: Ask, granularity, dataset, named, gone
) -> None:
    row = {"dataset": dataset, "granularity": granularity, "tasks": "humaneval:HumanEval/0"}
    put(data, "contamination", REMOVED.schema, "removed", [row | named])
    assert quire("feed", data, "--workers=1", "--tokenizer=none") == 0
    out = ask(
        data,
        "SELECT split_part(value, ' ', 1), split_part(value, ' ', 3) FROM rejects_feed"
        " WHERE reason = 'contaminated' ORDER BY ALL",
    )
    # All functions of a repository are left out for it, those that nobody would take too.
    assert {name for name, _ in out} == set(gone) and {task for _, task in out} == {row["tasks"]}
    assert not ask(data, "SELECT * FROM examples WHERE name = 'twice'") or "functions" not in gone


def test_functions_and_problems_are_removed_by_their_text(
    data: Path, quire: Quire, ask: Ask
) -> None:
    """`removed` names a text by the digest of what contamination read."""
    [(prompt, body)] = ask(data, "SELECT prompt, body FROM functions WHERE qualname = 'twice'")
    [texts] = ask(
        data,
        "SELECT prompt, canonical_solution, coalesce(test, '') FROM problems"
        " WHERE problem_id = 'id-kept'",
    )
    rows = [
        {"dataset": "functions", "granularity": "function", "sha256": digest(prompt + body)},
        {"dataset": "problems", "granularity": "problem", "sha256": digest("\n".join(texts))},
    ]
    put(data, "contamination", REMOVED.schema, "removed", [r | {"tasks": "s:1"} for r in rows])
    assert quire("feed", data, "--workers=1", "--tokenizer=none") == 0
    assert ask(data, "SELECT name FROM examples WHERE source <> 'corpus'") == [("Stack.push",)]


def faults(data: Path) -> str:
    """What `quire check` says of DATA."""
    with contextlib.redirect_stderr(io.StringIO()) as err:
        cli.main(["check", str(data)])
    return err.getvalue()


def sound(data: Path) -> bool:
    """Whether all is as committed; that nobody has run the problems is known."""
    return faults(data) == "problems: 2 problems lack five passed runs of their reference\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several units and several shards of a corpus as small as this."""
    monkeypatch.setattr(skeleton_units, "UNIT_BYTES", 30_000)
    monkeypatch.setattr(units, "SHARD_BYTES", 4_000)


WHOLE = ("--window=256", "--fim=0.5", "--to=text", "--to=sft", "--to=rl", "--to=harbor")


def test_the_same_bytes_on_more_workers_and_after_an_interruption(
    data: Path, small: None, quire: Quire, ask: Ask, tmp_path: Path, monkeypatch
) -> None:
    assert quire("feed", data, "--workers=1", *WHOLE) == 0
    expected = fed(data)
    assert len([name for name in expected if name.endswith(".bin")]) > 3
    assert quire("feed", data, "--workers=2", *WHOLE, "--overwrite") == 0
    assert fed(data) == expected
    for phase in ("selected", "done"):
        interrupted(data, phase)
        assert quire("feed", data, "--workers=1", *WHOLE, "--resume") == 0
        assert fed(data) == expected
    assert sound(data)


def fed(data: Path) -> dict[str, str]:
    """The digests of what feed writes, but for its manifests, which name inputs."""
    own = ("examples/", "tokens/", "exports/", "rejects/feed/", "tokenizers/", "recipe.json")
    return {name: value for name, value in digests(data).items() if name.startswith(own)}


def interrupted(data: Path, phase: str) -> None:
    """Start feed anew in a process, and kill it when a step of the phase is done."""
    code = (
        "import sys; from transforms.feed import units; from transforms.lib.skeleton import units as u;"
        " units.SHARD_BYTES, u.UNIT_BYTES = 4_000, 30_000; from pipelines import cli; sys.exit(cli.main())"
    )
    command = [sys.executable, "-c", code, "feed", str(data), "--workers=1", *WHOLE, "--overwrite"]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not list(data.glob(f"_work/feed/{phase}-*.json")):
        assert run.poll() is None
        time.sleep(0.005)
    run.kill()
    run.wait()


def test_the_order_is_that_of_the_seed_whatever_the_shards(
    data: Path, quire: Quire, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {}
    for seed, size in ((0, 32_000_000), (0, 4_000), (1, 4_000)):
        monkeypatch.setattr(units, "SHARD_BYTES", size)
        flags = (f"--seed={seed}", "--overwrite", "--workers=1", "--tokenizer=none")
        assert quire("feed", data, *flags) == 0
        shards = sorted((data / "examples").glob("*.parquet"))
        orders[seed, size] = [i for s in shards for i in pq.read_table(s)["example_id"].to_pylist()]
    assert orders[0, 32_000_000] == orders[0, 4_000] != orders[1, 4_000]
    assert sorted(orders[0, 4_000]) == sorted(orders[1, 4_000])


def test_a_mixture_repeats_and_leaves_out(data: Path, quire: Quire, ask: Ask) -> None:
    mix = "--mix=corpus=0.5,functions=3,problems=0"
    assert quire("feed", data, mix, "--workers=1", "--tokenizer=none") == 0
    assert ask(data, "SELECT name, copy FROM examples WHERE source = 'functions' ORDER BY ALL") == [
        (name, copy) for name in ("Stack.push", "twice") for copy in range(3)
    ]
    [(kept, out)] = ask(
        data,
        "SELECT (SELECT count(*) FROM examples WHERE source = 'corpus'),"
        " (SELECT count(*) FROM rejects_feed WHERE reason = 'mix')",
    )
    assert kept + out == 61 and 15 < kept < 45
    assert not ask(data, "SELECT * FROM rejects_feed WHERE value LIKE 'problems%'")


def test_opt_outs(data: Path, quire: Quire, ask: Ask, tmp_path: Path, capsys) -> None:
    lines = ("https://pypi.org/project/Project1/", digest(METHODS), "zope.interface", "nobody/")
    (tmp_path / "out.txt").write_text("\n".join(lines))
    run = ("feed", data, f"--opt-out={tmp_path}/out.txt", "--workers=1", "--tokenizer=none")
    assert quire(*run) == 0
    assert not ask(data, "SELECT * FROM examples WHERE repo IN ('project1', 'heaps')")
    said = capsys.readouterr().err
    assert "feed: 2 of 4 opt-outs concern no row here: nobody/, zope-interface" in said
    assert ask(
        data,
        "SELECT DISTINCT repo, split_part(value, ' ', 3) = repo FROM rejects_feed"
        " WHERE reason = 'opt_out' ORDER BY 1",
    ) == [("heaps", False), ("project1", True)]


def test_the_other_split(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("feed", data, "--split=validation", "--workers=1") == 0
    assert ask(data, "SELECT DISTINCT repo FROM examples") == [(VALIDATION,)]
    assert quire("feed", data, "--split=all", "--workers=1", "--overwrite") == 0
    assert ask(data, "SELECT DISTINCT shard, split FROM tokens ORDER BY 1") == [
        ("part-00000", "train"),
        ("part-00001", "validation"),
    ]
    assert not ask(data, "SELECT * FROM rejects_feed WHERE reason = 'split'")


def test_tokens_are_those_of_the_examples(data: Path, small: None, quire: Quire) -> None:
    """Token by token and in order, with loss on completions and ends alone."""
    assert quire("feed", data, "--workers=1") == 0
    tokenizer = ranked_tokenizer(P50K_BASE)
    for shard in sorted((data / "examples").glob("*.parquet")):
        expected, loss = list[int](), list[bool]()
        for row in pq.read_table(shard).to_pylist():
            prompt, completion = (
                tokenizer.tiktoken.encode_ordinary(row[name]) for name in ("prompt", "completion")
            )
            expected += [*prompt, *completion, tokenizer.end]
            loss += [False] * len(prompt) + [True] * (len(completion) + 1)
        raw = data / "tokens" / shard.with_suffix(".bin").name
        assert np.fromfile(raw, "<u2").tolist() == expected
        assert np.fromfile(f"{raw}.loss", np.bool_).tolist() == loss


def test_windows_hold_each_document_once(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("feed", data, "--workers=1", "--window=512") == 0
    about = json.loads((data / "tokens" / "part-00000.json").read_text())
    tokens = np.fromfile(data / "tokens" / "part-00000.bin", "<u2")
    [(documents, total)] = ask(data, "SELECT sum(documents), sum(tokens) FROM tokens")
    assert about["window"] == 512 and len(tokens) % 512 == 0
    assert documents == len(pq.read_table(data / "examples"))
    assert (tokens == about["end"]).sum() == documents + len(tokens) - total


def test_what_an_earlier_run_wrote_is_gone(data: Path, quire: Quire) -> None:
    assert quire("feed", data, "--workers=1", *WHOLE) == 0
    tasks = [path.name for path in (data / "exports" / "harbor").iterdir() if path.is_dir()]
    assert tasks == ["made-id-kept"]
    assert quire("feed", data, "--workers=1", "--tokenizer=none", "--overwrite") == 0
    assert not [p for p in (data / "exports").rglob("*")]
    assert not (data / "tokens").exists()
    assert sound(data)


def test_a_damaged_file_of_tokens_is_found_and_made_anew(data: Path, quire: Quire, capsys) -> None:
    assert quire("feed", data, "--workers=1") == 0
    expected, file = fed(data), data / "tokens" / "part-00000.bin"
    content = bytearray(file.read_bytes())
    content[7] ^= 1
    file.write_bytes(content)
    assert quire("check", data) == 5
    assert (
        "tokens/part-00000.bin: its sha256 is not the manifest's; `quire feed"
        in capsys.readouterr().err
    )
    assert quire("feed", data, "--workers=1", "--resume") == 0
    assert fed(data) == expected


def test_a_tokenizer_of_its_own_texts(data: Path, quire: Quire, ask: Ask, tmp_path: Path) -> None:
    assert quire("feed", data, "--workers=1", "--train-tokenizer=600", "--fim=0.5") == 0
    first = fed(data)
    about = json.loads((data / "tokens" / "part-00000.json").read_text())
    assert about["vocabulary"] == 600 and about["dtype"] == "uint16"
    [(name,)] = ask(data, "SELECT DISTINCT tokenizer FROM tokens")
    kept = data / "tokenizers" / f"{name}.json"
    (tmp_path / "mine.json").write_bytes(kept.read_bytes())
    given = f"--tokenizer={tmp_path}/mine.json"
    assert quire("feed", data, "--workers=1", given, "--fim=0.5", "--overwrite") == 0
    assert fed(data)["tokens/part-00000.bin"] == first["tokens/part-00000.bin"]
    kept.write_bytes(kept.read_bytes() + b" ")
    assert "its sha256 is not its name" in faults(data)
    kept.unlink()
    assert f"tokenizers/{name}.json: missing" in faults(data)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--tokenizer=none.json"], "none.json: neither a tokenizer (p50k_base, r50k_base) nor"),
        (["--train-tokenizer=20"], "a vocabulary of 20: it has 260 tokens at least"),
        (["--mix=contests=2"], "'contests' is none of corpus, functions, problems here"),
        (["--opt-out=none.txt"], "--opt-out none.txt: cannot be read"),
        (["--fim=1.5"], "'1.5' is not a share from 0 to 1"),
        (["--window=9999999999999999999999"], "is more than 1,048,576 tokens"),
        (["--language=English"], "'English' is no code of ISO 639"),
        (["--tokenizer=r50k_base", "--train-tokenizer=300"], "one of them, or neither"),
        (["--tokenizer=none", "--window=8"], "--tokenizer none writes none"),
        (["--packing=cut"], "--packing says how --window N packs"),
        (["--to=jsonl"], "invalid choice: 'jsonl'"),
    ],
)
def test_bad_input_is_one_line(data: Path, quire: Quire, capsys, flags, words) -> None:
    assert quire("feed", data, *flags) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line


def test_there_must_be_something_to_feed(tmp_path: Path, quire: Quire, capsys) -> None:
    assert quire("feed", tmp_path / "none") == 2
    assert "nothing to feed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "place", ["exports/harbor/mine/task.toml", "exports/text/a.txt", "tokens/a.bin"]
)
def test_files_of_somebody_else_stay(data: Path, quire: Quire, capsys, place: str) -> None:
    own = data / place
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert quire("feed", data, "--tokenizer=none", "--workers=1") == 0
    assert quire("feed", data, *WHOLE, "--workers=1", "--overwrite") == 2
    assert "holds files that are not quire's; move them elsewhere" in capsys.readouterr().err
    assert quire("feed", data, "--tokenizer=none", "--workers=1", "--overwrite") == 0
    assert own.exists()


def test_a_run_that_fails_changes_nothing(data: Path, quire: Quire, monkeypatch) -> None:
    assert quire("feed", data, *WHOLE, "--workers=1") == 0
    before = fed(data)

    def broken(*_: object) -> None:
        raise UsageError("on the way")

    with monkeypatch.context() as patch:
        patch.setattr(stage, "write_shard_tokens", broken)
        run = ("feed", data, "--train-tokenizer=400", "--seed=1", "--workers=1", "--overwrite")
        assert quire(*run) == 2
    after = fed(data)
    assert {name: after[name] for name in before} == before and sound(data)
    assert quire("feed", data, *WHOLE, "--workers=1", "--resume") == 2, "the other run waits"
    assert quire(*run[:-1], "--resume") == 0 and sound(data)
    assert not (data / "exports").exists()


@pytest.mark.parametrize("file", ["00000.arrow", "00000.index"])
def test_slices_that_are_cut_are_made_anew(
    data: Path, small: None, quire: Quire, file: str
) -> None:
    assert quire("feed", data, "--workers=1", *WHOLE) == 0
    expected = fed(data)
    interrupted(data, "done")
    cut = data / "_work" / "feed" / "slices" / file
    cut.write_bytes(cut.read_bytes()[:-5])
    assert quire("feed", data, "--workers=1", *WHOLE, "--resume") == 0
    assert fed(data) == expected


def test_rows_that_lack_a_text_are_left_out(data: Path, quire: Quire, ask: Ask) -> None:
    held = [problem("kept", "", [(1, 2)], canonical_solution=None), problem("none", "", [])]
    put(data, "verify", PROBLEMS.schema, "problems", [held[0], held[1] | {"prompt": None}])
    assert quire("feed", data, *WHOLE, "--workers=1") == 0
    assert ask(data, "SELECT value FROM rejects_feed WHERE reason = 'incomplete' ORDER BY 1") == [
        ("problems id-kept canonical_solution",),
        ("problems id-none prompt",),
    ]


def test_the_first_units_are_of_every_source(data: Path, quire: Quire, ask: Ask) -> None:
    assert quire("feed", data, "--limit=2", "--workers=1", "--tokenizer=none") == 0
    assert ask(data, "SELECT DISTINCT source FROM examples ORDER BY 1") == [
        ("corpus",),
        ("functions",),
    ]
