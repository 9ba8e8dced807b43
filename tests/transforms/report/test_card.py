"""The card: its YAML, what it says of licences, secrets and contamination, hostile texts in it."""

import json
import shutil

import datasets
import pytest
import yaml

from schemas import DATASETS
from tests.support.written_datasets import any_rows, put_dataset
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.storage import Storage
from transforms.report.configs import LOADED, WITHHELD, withheld

HOSTILE = "<script>alert(1)</script>|[x](javascript:1)\n---\n# MIT: *a* `b` __c__ www.x.y http://x"


@pytest.fixture
def data(tmp_path):
    """A corpus of one repository in each split, with a hostile licence, and none."""
    rows = [
        {"repo": "a", "path": "1.py", "sha256": "1", "licence_spdx": "MIT", "split": "train"},
        {"repo": "a", "path": "2.py", "sha256": "2", "licence_spdx": HOSTILE, "split": "train"},
        {"repo": "b", "path": "3.py", "sha256": "3", "split": "validation"},
    ]
    put_dataset(tmp_path / "data", "corpus", rows)
    return tmp_path / "data"


def card(data) -> tuple[dict, str]:
    """The YAML of DATA's card as a value, and the Markdown below it."""
    _, head, body = (data / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(head), body


def section(body: str, title: str) -> str:
    return body.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_dataset_is_loaded_or_withheld_with_a_reason(data) -> None:
    names = {dataset.name for dataset in DATASETS}
    storage = Storage(str(data))
    assert {name for name in names if not withheld(name, storage)} == set(LOADED)
    assert set(WITHHELD) <= names | {"rejects"}


def test_the_head_of_the_card(data, quire) -> None:
    put_dataset(data, "problems", [{"problem_id": "p", "licence_spdx": "PSF-2.0"}])
    put_dataset(data, "functions", [])  # nothing to be loaded
    assert quire("report", data, "--card") == 0
    head, _ = card(data)
    assert head["configs"] == [
        {
            "config_name": "corpus",
            "default": True,
            "data_files": [{"split": "train", "path": "corpus/part-*.parquet"}],
        },
        {
            "config_name": "problems",
            "data_files": [{"split": "train", "path": "problems/part-*.parquet"}],
        },
    ]
    assert head["license"] == ["mit", "other", "unknown"]
    assert head["size_categories"] == ["n<1K"] and head["language"] == ["code", "en"]


def test_splits_are_those_of_shards(data, quire, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shards = [[{"example_id": s, "split": s}] for s in ("validation", "train", "train")]
    put_dataset(data, "examples", *shards)
    put_dataset(data, "exports/text", *([{"id": rows[0]["split"]}] for rows in shards))
    put_dataset(data, "exports/harbor", [{"split": "train"}, {"split": "validation"}])
    assert quire("report", data, "--card") == 0
    load = {"path": str(data), "cache_dir": str(tmp_path / "cache")}
    for name, column in (("examples", "example_id"), ("exports_text", "id")):
        loaded = datasets.load_dataset(name=name, **load)
        assert {split: rows[column] for split, rows in loaded.items()} == {
            "train": ["train", "train"],
            "validation": ["validation"],
        }
    assert [*datasets.load_dataset(name="exports_harbor", **load)] == ["train"]


def test_texts_from_outside_are_shown_as_they_are(data, quire) -> None:
    assert quire("report", data, "--card") == 0
    _, body = card(data)
    licences = section(body, "Licences")
    assert (
        "&#60;script&#62;alert(1)&#60;/script&#62;&#124;&#91;x&#93;(javascript:1) ---" in licences
    )
    assert "**1 rows (33.3 %) have none**" in licences
    for raw in ("<script", "[x]", "*a*", "`b`", "__c__", "www.x", "http://x", "\n# MIT"):
        assert raw not in body, raw


SECRETS = [
    {"sha256": "1", "kind": "key", "confidence": "high", "action": "none", "is_test": True},
    {"sha256": "2", "kind": "email", "confidence": "high", "action": "none", "is_test": False},
]


@pytest.mark.parametrize(
    ("schemes", "said"),
    [
        (None, "**Nobody has looked"),
        ({"policy": "report", "kinds": "key"}, "**Warning: nothing was masked or dropped**"),
        ({"policy": "mask", "kinds": "key,email"}, "Policy `mask` for key, email: it acts"),
    ],
)
def test_secrets(data, quire, schemes, said) -> None:
    if schemes:
        put_dataset(data, "secrets", SECRETS, schemes=schemes)
    assert quire("report", data, "--card") == 0
    told = section(card(data)[1], "Secrets and personal data")
    assert said in told
    assert ("| key | high | 1 | 1 | 1 | 0 |" in told) == bool(schemes)


def test_nothing_found_is_no_warning(data, quire) -> None:
    put_dataset(data, "secrets", [], schemes={"policy": "report", "kinds": "key"})
    assert quire("report", data, "--card") == 0
    told = section(card(data)[1], "Secrets and personal data")
    assert "looked through, and nothing was found" in told and "Warning" not in told


def warned_of(data, quire) -> str:
    """The line of the card that warns of datasets in which the policy does not act."""
    assert quire("report", data, "--card") == 0
    lines = section(card(data)[1], "Secrets and personal data").splitlines()
    return "".join(line for line in lines if line.startswith("**Warning"))


def test_what_was_made_before_the_policy_is_named(data, quire) -> None:
    def put(name: str, *inputs: str) -> None:
        put_dataset(data, name, [{}], inputs=read_inputs(Storage(str(data)), inputs))

    put_dataset(data, "secrets", SECRETS, schemes={"policy": "report", "kinds": "key"})
    put("repositories")  # `build` could go on
    put("functions", "secrets")
    put("ci_problems")
    put("problems", "ci_problems")
    put("examples", "secrets")
    acted = [row | {"action": "mask"} for row in SECRETS]
    kinds = "key,password,email,ip"
    put_dataset(data, "secrets", acted, schemes={"policy": "mask", "kinds": kinds})
    said = warned_of(data, quire)
    assert "in `functions`, `ci_problems`, `examples`, `problems`**" in said
    assert "`quire build DATA --resume --secrets mask`" in said
    for name in ("functions", "ci_problems", "examples"):
        put(name, "secrets")
    assert warned_of(data, quire) == ""
    put_dataset(data, "ci_problems", [{"problem_id": "masked"}], inputs={"secrets": "0"})
    assert "in `ci_problems`, `problems`**" in warned_of(data, quire)
    shutil.rmtree(data / "repositories")
    assert "their stages, with `--overwrite`, make" in warned_of(data, quire)


def test_corpus_is_withheld_where_its_values_are_masked_elsewhere(data, quire) -> None:
    put_dataset(data, "functions", [{}])
    for policy, names in (("report", ["corpus", "functions"]), ("mask", ["functions"])):
        put_dataset(data, "secrets", SECRETS, schemes={"policy": policy, "kinds": "key"})
        assert quire("report", data, "--card") == 0
        head, body = card(data)
        assert [config["config_name"] for config in head["configs"]] == names
        records = json.loads((data / "croissant.json").read_text())["recordSet"]
        assert [record["name"] for record in records] == names
        told = section(body, "What is not to be passed on")
        assert ("| `corpus` | the values that the policy" in told) == (policy == "mask")


def test_contamination_and_what_is_not_to_be_passed_on(data, quire) -> None:
    assert quire("report", data, "--card") == 0
    assert "**Not checked**" in section(card(data)[1], "Contamination")
    tasks = [{"suite": "s", "hits": 1, "clean": False}, {"suite": "s", "hits": 0, "clean": True}]
    put_dataset(data, "eval_tasks", tasks)
    free = {"redistributable": True, "secrets_action": "drop"}
    put_dataset(data, "problems", [free, {"redistributable": False}, {}])
    assert quire("report", data, "--card") == 0
    _, body = card(data)
    assert "| s | 2 | 2 | 1 |" in section(body, "Contamination")
    assert "**Nothing was left out for it**" in section(body, "Contamination")
    told = section(body, "What is not to be passed on")
    assert "**2 rows of `problems` have statements" in told and "| `eval_tasks` |" in told
    assert "**1 rows of `problems` hold secrets" in told
    put_dataset(data, "removed", [{"dataset": "corpus", "granularity": "file"}])
    assert quire("report", data, "--card") == 0
    assert "| corpus | file | 1 |" in section(card(data)[1], "Contamination")


def test_how_it_was_made(data, quire) -> None:
    corpus = {"stage": "corpus", "version": "0.1.0", "runner": "Direct", "versions": ["duckdb==2"]}
    settings = '{"dedup": "exact", "files": "/home/me/|in.parquet"}'
    put_dataset(data, "runs", [corpus | {"run": 1}, corpus | {"run": 2, "settings": settings}])
    assert quire("report", data, "--card") == 0
    made = section(card(data)[1], "How it was made")
    assert "| `quire corpus` | dedup=exact, files=&#124;in.parquet | 0.1.0 | Direct |" in made
    assert "/home/me" not in made and made.count("quire corpus") == 1
    assert "duckdb==2" in made


def test_nothing_that_somebody_wrote_is_lost(data, quire, capsys) -> None:
    (data / "README.md").write_text("Mine.\n")
    assert quire("report", data, "--card") == 2
    assert "README.md: not as quire wrote it; --overwrite" in capsys.readouterr().err
    assert not (data / "croissant.json").exists()
    assert quire("report", data, "--card", "--overwrite") == 0
    written = {name: (data / name).read_bytes() for name in ("README.md", "croissant.json")}
    assert quire("report", data, "--card") == 0  # as nobody has changed anything
    assert {name: (data / name).read_bytes() for name in written} == written
    described = data / "croissant.json"
    described.write_text(described.read_text().replace('"name": "', '"name": "My ', 1))
    assert quire("report", data, "--card") == 2
    assert (data / "README.md").read_bytes() == written["README.md"]


def test_what_may_be_published(data, ask, quire, capsys) -> None:
    masked = {"sha256": "0", "kind": "ip", "confidence": "high", "action": "mask"}
    put_dataset(data, "secrets", [*SECRETS, masked])
    hit = {"dataset": "corpus", "sha256": "3", "verdict": "hit", "repo": "b", "path": "3.py"}
    put_dataset(data, "hits", [hit | {"function": "f", "commit": "1"}])
    function = {"repo": "b", "path": "3.py", "commit": "1", "licence_spdx": "MIT OR Apache-2.0"}
    kinds = {"f": [], "g": ["key", "ip"], "h": ["ip"], "i": [], "j": None}
    masks = {"g": "1", "h": "1"}
    rows = [
        function | {"qualname": name, "secret_kinds": found, "masked_sha256": masks.get(name)}
        for name, found in kinds.items()
    ]
    put_dataset(data, "functions", [*rows, function | {"qualname": "k", "secret_kinds": ["ip"]}])
    assert quire("sql", data, "publishable", "--format=csv") == 0
    assert capsys.readouterr().out.splitlines() == [
        "dataset,split,rows,clean,permissive,other,no_licence,secrets,contaminated",
        "corpus,train,2,0,1,1,0,2,0",
        "corpus,validation,1,0,0,0,1,0,1",
        "functions,,6,3,6,0,0,2,1",
    ]


def test_all_columns_are_told(data, quire) -> None:
    put_dataset(data, "exports/rl", any_rows(next(d for d in DATASETS if d.name == "exports/rl")))
    assert quire("report", data, "--card") == 0
    assert "| `ability` | `string` | code |" in section(card(data)[1], "Columns")


def test_a_damaged_dataset_is_one_line(data, quire, capsys) -> None:
    (shard,) = (data / "corpus").glob("part-*")
    shard.write_bytes(shard.read_bytes()[:-9])
    assert quire("report", data, "--card") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "corpus cannot be read, see `quire check`" in said
    assert not (data / "README.md").exists()
