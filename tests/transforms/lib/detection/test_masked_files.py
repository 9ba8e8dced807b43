"""Findings of `secrets` by the digest of their file, and texts with masks in their places."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CORPUS, SECRETS
from transforms.lib.detection.masked_files import (
    StoredFinding,
    kinds_of,
    masked_text,
    stored_secrets,
)
from transforms.lib.detection.policy import Policy, chosen_policy, read_policy
from transforms.lib.detection.same_secrets import require_same_corpus, require_same_secrets
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.shards import UnitShards, commit, origin_file
from transforms.lib.skeleton.storage import Storage

TEXT = "é = 'jane@corp.io', 'joe@corp.io', '10.1.1.1'\n"


def put(data: Storage, dataset: str, rows: list[dict], policy: Policy, unit: str = "00000") -> None:
    """The rows as a committed dataset, made of the corpus that is there."""
    shards = UnitShards(data, dataset, unit, "made")
    schema = {"secrets": SECRETS, "corpus": CORPUS}[dataset].schema
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
    shards.write(dataset, table)
    inputs = read_inputs(data, ["corpus"] if dataset == "secrets" else [])
    data.put_json(origin_file(dataset), {"inputs": inputs, "schemes": policy.schemes()})
    commit(data, dataset, [dataset], "made", shards.commit()["shards"])


def row(sha256: str, begin: int, path: str = "a.py") -> dict:
    place = {"sha256": sha256, "path": path, "start_byte": begin, "end_byte": begin + 1}
    return place | {"kind": "key", "confidence": "high", "action": "mask", "mask": f"<{begin}>"}


def test_each_file_has_its_findings_once(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    assert stored_secrets(data, ["corpus/part-00000.parquet"]) is None and read_policy(data) is None
    rows = [row("a", 1), row("a", 5), row("a", 1, "b.py"), row("a", 5, "b.py"), row("c", 9)]
    put(data, "secrets", [*rows, row("a", 1, "d.py"), row("a", 5, "d.py")], chosen_policy("mask"))
    stored = stored_secrets(data, [f"{tmp_path}/corpus/part-00000.parquet"] * 2)
    assert stored is not None
    places = {sha256: [(f.begin, f.mask) for f in stored.of(sha256)] for sha256 in "abc"}
    assert places == {"a": [(1, "<1>"), (5, "<5>")], "b": [], "c": [(9, "<9>")]}
    other = stored_secrets(data, [f"{tmp_path}/corpus/part-00007.parquet"])
    assert other is not None and other.of("a") == []
    assert read_policy(data) == chosen_policy("mask")


def test_a_shard_that_is_gone_is_named(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    put(data, "secrets", [row("a", 1)], chosen_policy("mask"))
    (tmp_path / "secrets" / "part-00000.parquet").unlink()
    stored = stored_secrets(data, ["corpus/part-00000.parquet"])
    assert stored is not None
    with pytest.raises(UsageError, match="secrets/part-00000.parquet.*`quire secrets .* --resume`"):
        stored.of("a")


def test_what_is_not_to_be_masked_stays_and_moves() -> None:
    mail = StoredFinding(6, 18, "email", "high", "mask", "<EMAIL>")
    kept = StoredFinding(22, 33, "email", "high", "none", "<EMAIL_2>")
    low = StoredFinding(37, 45, "ip", "low", "none", None)
    masked = masked_text(TEXT, [mail, kept, low])
    assert masked.text == "é = '<EMAIL>', 'joe@corp.io', '10.1.1.1'\n"
    assert masked.sha256 == hashlib.sha256(masked.text.encode()).hexdigest()
    content = masked.text.encode()
    assert [content[f.begin : f.end] for f in masked.findings] == [b"<EMAIL>", b"joe@corp.io"]
    assert masked_text(TEXT, [kept, low]) == (TEXT, None, [kept])
    assert kinds_of([low]) == [] and kinds_of([kept, mail]) == ["email"]


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["mask", "none"]))))
def test_the_rest_is_byte_for_byte(text: str, cuts: list[tuple[int, str]]) -> None:
    """What stands between the findings, and those that are not masked, is as it was."""
    places = sorted({min(place, len(text)) for place, _ in cuts})
    begins = [len(text[:place].encode()) for place in places]
    actions = [action for _, action in cuts]
    findings = [
        StoredFinding(begin, end, "key", "high", action, "<KEY>")
        for begin, end, action in zip(begins[::2], begins[1::2], actions, strict=False)
    ]
    masked, content = masked_text(text, findings), text.encode()
    at, rest = 0, []
    for before, after in zip(findings, masked.findings, strict=True):
        rest += [masked.text.encode()[at : after.begin]]
        now = masked.text.encode()[after.begin : after.end]
        was = content[before.begin : before.end]
        assert now == (b"<KEY>" if before.action == "mask" else was)
        at = after.end
    ends = [0, *(f.end for f in findings)]
    assert [*rest, masked.text.encode()[at:]] == [
        content[end:begin]
        for end, begin in zip(ends, [*(f.begin for f in findings), len(content)], strict=True)
    ]


def test_secrets_of_another_corpus_are_refused(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    put(data, "corpus", [{"sha256": "a"}], Policy())
    require_same_corpus(data)
    put(data, "secrets", [row("a", 1)], Policy())
    require_same_corpus(data)
    require_same_secrets(data, ["corpus"])
    put(data, "secrets", [row("a", 1)], chosen_policy("mask"))
    require_same_corpus(data)
    with pytest.raises(
        UsageError, match="`secrets` as they are here; run `quire corpus .*overwrite`"
    ):
        require_same_secrets(data, ["corpus", "functions"])
    put(data, "corpus", [{"sha256": "b"}], Policy())
    with pytest.raises(UsageError, match="another `corpus` than is here; run `quire secrets "):
        require_same_corpus(data)
