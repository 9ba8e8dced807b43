"""A small gzip file of one endless line is one clear error in bounded memory, wherever it is read."""

import gzip
import time
import tracemalloc

import pytest

from transforms.contamination.units import TextTable, plan_texts, read_texts
from transforms.evaluate.clean_tasks import clean_tasks
from transforms.lib.completions.samples import read_samples
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import read_eval
from transforms.lib.records import input_files, json_lines
from transforms.lib.records.json_lines import json_objects, plan_lines
from transforms.lib.records.record import read_records

MEMBER = gzip.compress(b"a" * 10_000_000)  # a gzip file may be several, one after the other
MEMBERS = 100
MOST_BYTES, MOST_SECONDS = 200_000_000, 20  # of 1,000,000,000 bytes that the line has


@pytest.fixture(params=["", '{"task_id": "a", "content": "'], ids=["no record", "open record"])
def endless(request, tmp_path):
    path = tmp_path / "endless.jsonl.gz"
    path.write_bytes(gzip.compress(request.param.encode()) + MEMBER * MEMBERS)
    return path


def texts(path):
    table = TextTable("files", "row", ("content",), "")
    [unit], _, _ = plan_texts([(table, [str(path)])])
    return list(read_texts(table, unit))


READERS = {
    "read_eval": lambda path: read_eval(f"ours={path}", {}),
    "read_eval array": lambda path: read_eval(f"ours={array(path)}", {}),
    "read_samples": lambda path: list(read_samples(str(path), ["a"], "")),
    "clean_tasks": lambda path: clean_tasks(str(path), "ours"),
    "contamination": texts,
}


def array(path):
    other = path.with_name("array.json.gz")
    other.write_bytes(gzip.compress(b"[") + path.read_bytes())
    return other


@pytest.mark.parametrize("reader", READERS)
def test_one_error_in_bounded_memory(endless, reader):
    tracemalloc.start()
    begin = time.process_time()
    try:
        with pytest.raises(UsageError, match=r"\.gz: .*inflates to more than 250 times") as caught:
            READERS[reader](endless)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert time.process_time() - begin < MOST_SECONDS
    assert "\n" not in str(caught.value)


def test_problems_reject_it_in_bounded_memory(endless):
    tracemalloc.start()
    try:
        [piece], _ = plan_lines(str(endless))
        entries = list(piece.entries())
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert [reason for entry in entries for reason, _ in entry.faults][-1] == "archive_ratio"


@pytest.mark.parametrize(
    "arguments",
    [
        ("contests", "DATA", "apps:endless.jsonl.gz", "--workers=1"),
        ("contamination", "DATA", "--files", "endless.jsonl.gz", "--workers=1"),
        ("evaluate", "endless.jsonl.gz"),
    ],
    ids=lambda value: value[0],
)
def test_commands_say_so_in_one_line(endless, arguments, quire, capsys, monkeypatch):
    monkeypatch.chdir(endless.parent)
    code = quire(*arguments)
    (line,) = capsys.readouterr().err.strip().splitlines()
    if arguments[0] == "contests" and "2 rejected" in line:  # its first line begins as a record
        assert code == 0
    else:
        assert code == 2 and line.startswith("quire: ") and "endless.jsonl.gz: line 1: " in line


def test_a_long_line_that_is_not_compressed(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_STRICT_LINE", 1000)
    (tmp_path / "f.jsonl").write_text('{"a": 1}\n' + "a" * 2000 + "\n{}")
    records = json_objects(str(tmp_path / "f.jsonl"))
    assert next(records) == (1, {"a": 1})
    with pytest.raises(UsageError, match="line 2: over 1,000 bytes"):
        next(records)


def test_a_gzip_file_that_is_cut_off_says_where(tmp_path, monkeypatch):
    monkeypatch.setattr(input_files, "READ_BYTES", 16)
    whole = gzip.compress(b'{"a": 1}\n' * 9)
    (tmp_path / "f.jsonl.gz").write_bytes(whole[:-8])
    with pytest.raises(UsageError, match="after line 9: truncated or damaged"):
        list(read_records(str(tmp_path / "f.jsonl.gz")))
    (tmp_path / "f.jsonl.gz").write_bytes(whole + whole)
    assert [r.place for r in read_records(str(tmp_path / "f.jsonl.gz"))][-1] == "line 18"
