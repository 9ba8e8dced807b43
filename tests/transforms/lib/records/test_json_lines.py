"""Lines of JSON against a plain reading of the whole, in pieces, compressed, and broken."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.errors import UsageError
from transforms.lib.records import input_files, json_lines
from transforms.lib.records.json_lines import plan_lines

RECORD = json.dumps({"a": 1}).encode()


def entries(path):
    pieces, _ = plan_lines(str(path))
    return [entry for piece in pieces for entry in piece.entries()]


@given(
    st.lists(st.sampled_from([b"", RECORD, b"  ", b"{", b'{"b": "' + b"x" * 40 + b'"}'])),
    st.booleans(),
    st.integers(1, 100),
    st.integers(1, 30),
)
def test_pieces_are_the_whole(tmp_path_factory, written, ended, piece, block):
    path = tmp_path_factory.mktemp("lines") / "f.jsonl"
    path.write_bytes(b"\n".join(written) + b"\n" * ended)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lines, "PIECE_BYTES", piece)
        patch.setattr(input_files, "READ_BYTES", block)
        patch.setattr(json_lines, "READ_BYTES", block)
        found = entries(path)
    expected = [(f"f.jsonl:{i}", line) for i, line in enumerate(written, 1) if line.strip()]
    assert [entry.place for entry in found] == [place for place, _ in expected]
    assert [bool(entry.faults) for entry in found] == [line == b"{" for _, line in expected]


def test_gzip_is_read_as_it_is_without(tmp_path):
    text = b"\n".join([RECORD, b"", RECORD])
    (tmp_path / "f.jsonl").write_bytes(text)
    plain = entries(tmp_path / "f.jsonl")
    (tmp_path / "f.jsonl").write_bytes(gzip.compress(text))
    assert entries(tmp_path / "f.jsonl") == plain
    assert [entry.place for entry in plain] == ["f.jsonl:1", "f.jsonl:3"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff", "undecodable"),
        (b"[1]", "bad_json"),
        (b"{", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", None),
        (b"x" * 1000, "too_large"),
    ],
)
def test_a_broken_line_is_one_fault(tmp_path, monkeypatch, line, reason):
    if reason == "too_large":
        monkeypatch.setattr(json_lines, "MAX_LINE", 900)
    (tmp_path / "f").write_bytes(RECORD + b"\n" + line + b"\n" + RECORD)
    found = entries(tmp_path / "f")
    assert [entry.place for entry in found] == ["f:1", "f:2", "f:3"]
    assert [fault for fault, _ in found[1].faults] == ([reason] if reason else [])
    assert found[2].record == {"a": 1}


def test_gzip_that_breaks_off_or_bursts(tmp_path, monkeypatch):
    whole = gzip.compress(b"\n".join([RECORD] * 9))
    (tmp_path / "f.gz").write_bytes(whole[:-9])
    assert entries(tmp_path / "f.gz")[-1].faults == (("archive_corrupt", None),)
    monkeypatch.setattr(input_files, "RATIO_GRACE", 1000)
    (tmp_path / "f.gz").write_bytes(gzip.compress(b"\n" * 10_000_000))
    assert entries(tmp_path / "f.gz")[-1].faults == (("archive_ratio", None),)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="none.jsonl: No such file"):
        plan_lines(str(tmp_path / "none.jsonl"))
