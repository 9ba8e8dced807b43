"""--files of every kind: what is read, what is told, and how a row is found again."""

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import duckdb
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from tests.support.inputs import digests
from transforms.contamination.text_tables import TextTable, input_names
from transforms.contamination.units import plan_texts, read_texts
from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import read_eval
from transforms.lib.records.file_kinds import is_known
from transforms.lib.skeleton.input_names import matching_files

TASKS = read_eval("humaneval", {}).tasks
LEAK, OTHER = TASKS[0].solutions[0], TASKS[5].solutions[0]
CLEAN = "def nothing_of_note(first, second):\n    return first, second\n"
ROWS = [{"content": CLEAN, "id": "a"}, {"content": LEAK, "id": "b"}]
JSON_LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def table():
    return pa.Table.from_pylist(ROWS)


def delimited(delimiter):
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter)
    rows.writerows([["id", "content"], *([row["id"], row["content"]] for row in ROWS)])
    return text.getvalue().encode()


def arrow(new):
    sink = pa.BufferOutputStream()
    with new(sink, table().schema) as writer:
        writer.write_table(table())
    return sink.getvalue().to_pybytes()


def feather():
    sink = pa.BufferOutputStream()
    pa.feather.write_feather(table(), sink)
    return sink.getvalue().to_pybytes()


def parquet(**columns):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns) if columns else table(), sink)
    return sink.getvalue().to_pybytes()


KINDS = {
    "x.jsonl": JSON_LINES,
    "bom.jsonl": b"\xef\xbb\xbf" + JSON_LINES,
    "x.ndjson": JSON_LINES.replace(b"\n", b"\r\n"),
    "lines.json": JSON_LINES,
    "x.jsonl.gz": gzip.compress(JSON_LINES),
    "x.jsonl.bz2": bz2.compress(JSON_LINES),
    "x.jsonl.xz": lzma.compress(JSON_LINES),
    "x.jsonl.zst": zstd(JSON_LINES),
    "members.jsonl.zst": b"".join(zstd(json.dumps(row).encode() + b"\n") for row in ROWS),
    "misnamed.jsonl": zstd(JSON_LINES),
    "noending": JSON_LINES,
    "array.json": json.dumps(ROWS, indent=1).encode(),
    "array.json.zst": zstd(json.dumps(ROWS).encode()),
    "x.csv": delimited(","),
    "semicolon.csv": delimited(";"),
    "bom.csv": b"\xef\xbb\xbf" + delimited(","),
    "x.csv.gz": gzip.compress(delimited(",")),
    "x.tsv": delimited("\t"),
    "x.arrow": arrow(pa.ipc.new_file),
    "stream.arrow": arrow(pa.ipc.new_stream),
    "x.feather": feather(),
    "x.parquet": parquet(),
    "x.pq": parquet(),
    "parquet": parquet(),
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A folder with a file of each kind, and some that are not read."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, content in KINDS.items():
        (folder / name).write_bytes(content)
    return folder


def check(quire, data, files, *flags):
    return quire("contamination", data, "--files", files, "--workers=1", "--policy=drop", *flags)


def test_every_kind_is_read(kinds, tmp_path, quire, ask):
    """A file that is read says where its second row is, and nothing of the first."""
    assert check(quire, tmp_path, kinds / "*", "--id=id", "--fail-on-hit") == 4
    query = "SELECT filename, file_row_number, id, path, tasks FROM removed ORDER BY 1"
    task = "humaneval:HumanEval/0"
    expected = [(f"{kinds}/{name}", 1, "b", f"{name}#2", task) for name in sorted(KINDS)]
    assert ask(tmp_path, query) == expected


def test_a_folder_is_read_and_the_rest_of_it_is_told(tmp_path, quire, ask, capfd):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.py").write_text(LEAK)
    (folder / "sub" / "a.md").write_text(f"# Notes\n\n```python\n{OTHER}\n```\n")
    (folder / "sub" / "x.jsonl").write_bytes(JSON_LINES)
    for name in ("a.png", "b.png", "sub/data.bin"):
        (folder / name).write_bytes(b"\x89\0")
    assert check(quire, tmp_path / "data", folder) == 0
    assert "3 files of" in (told := capfd.readouterr().err) and "2 .png, 1 .bin" in told
    query = (
        "SELECT DISTINCT path, file_row_number, task_id FROM hits WHERE verdict = 'hit' ORDER BY 1"
    )
    assert ask(tmp_path / "data", query) == [
        ("a.py", 0, "HumanEval/0"),
        ("sub/a.md", 0, "HumanEval/5"),
        ("sub/x.jsonl#2", 1, "HumanEval/0"),
    ]


def read(files, column="content"):
    """The texts of files, as the stage reads them."""
    found = matching_files(str(files), is_known)
    names = input_names(str(files), found)
    table = TextTable("files", "row", tuple(column.split(",")), "\n", "", names)
    units, _, _ = plan_texts([(table, found)])
    return [text for unit in units for rows in read_texts(table, unit) for text in rows.content]


CHAT = [{"role": "user", "content": CLEAN}, {"role": "assistant", "content": LEAK}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": LEAK}]}]


@pytest.mark.parametrize(
    ("column", "row"),
    [
        ("messages[].content", {"messages": CHAT}),
        ("messages.content", {"messages": CHAT}),
        ("messages[1].content", {"messages": CHAT}),
        ("messages[-1].content", {"messages": CHAT}),
        ("messages", {"messages": CHAT}),
        ("messages[].content", {"messages": PARTS}),
        ("messages[].content", {"messages": json.dumps(CHAT)}),
        ("meta.text", {"meta": {"text": LEAK, "n": 1}}),
        ("meta.text", {"meta.text": LEAK}),
        ("a.b[].c", {"a": {"b": [{"c": CLEAN}, {"c": LEAK}]}}),
        ("solutions", {"solutions": [CLEAN, LEAK]}),
        ("solutions[]", {"solutions": [CLEAN, LEAK]}),
        ("nothing,text", {"nothing": None, "text": LEAK}),
        ("messages[].content,text", {"messages": [], "text": LEAK}),
    ],
)
@pytest.mark.parametrize("ending", ["jsonl", "parquet", "arrow"])
def test_fields_inside_columns(tmp_path, column, row, ending):
    file = tmp_path / f"x.{ending}"
    if ending == "jsonl":
        file.write_text(json.dumps(row) + "\n")
    elif ending == "parquet":
        pq.write_table(pa.Table.from_pylist([row]), file)
    else:
        pa.feather.write_feather(pa.Table.from_pylist([row]), str(file))
    (text,) = read(file, column)
    assert LEAK in text.as_py()


def test_texts_in_columns_of_any_spelling(tmp_path, quire, ask):
    """Dictionaries, views, large texts, bytes, times beside the text, and no UTF-8 within."""
    chat = pa.struct([("content", pa.large_string()), ("at", pa.timestamp("ns"))])
    columns = {
        "dictionary": pa.array([LEAK]).dictionary_encode(),
        "view": pa.array([LEAK], pa.string_view()),
        "large": pa.array([LEAK], pa.large_string()),
        "bytes": pa.array([LEAK.encode()]),
        "chat": pa.array([[{"content": LEAK, "at": 1}]], pa.list_(chat)),
        "map": pa.array([[("answer", LEAK)]], pa.map_(pa.string(), pa.string())),
    }
    for name, column in columns.items():
        pq.write_table(pa.table({"content": column}), tmp_path / f"{name}.parquet")
    bad = pa.array([b"\xff"]).view(pa.string())
    pq.write_table(pa.table({"content": pa.ListArray.from_arrays([0, 1], bad)}), tmp_path / "b.pq")
    assert check(quire, tmp_path / "data", tmp_path) == 3  # one text is not UTF-8
    found = ask(tmp_path / "data", "SELECT path FROM removed ORDER BY 1")
    assert found == [(f"{name}.parquet#1",) for name in sorted(columns)]
    rejects = "SELECT path, reason, filename, file_row_number FROM rejects_contamination"
    assert ask(tmp_path / "data", rejects) == [("b.pq#1", "not_utf8", f"{tmp_path}/b.pq", 0)]


def test_files_of_one_name_stay_apart_and_rows_are_found_again(tmp_path, monkeypatch, quire, ask):
    """The README's SQL, with the glob of --files: what is left has no hit."""
    monkeypatch.chdir(tmp_path)
    leaks = {"a": [0, 2], "b": [1]}
    for name in leaks:
        texts = [LEAK if i in leaks[name] else f"{CLEAN}# {name}{i}\n" for i in range(4)]
        (tmp_path / "in" / name).mkdir(parents=True)
        rows = pa.table({"content": texts, "id": [f"{name}{i}" for i in range(4)]})
        pq.write_table(rows, tmp_path / "in" / name / "train.parquet", row_group_size=2)
    assert check(quire, "data", "in/*/*.parquet", "--id=id") == 0
    query = "SELECT path, filename, file_row_number, id FROM removed ORDER BY ALL"
    assert ask(tmp_path / "data", query) == [
        ("a/train.parquet#1", "in/a/train.parquet", 0, "a0"),
        ("a/train.parquet#3", "in/a/train.parquet", 2, "a2"),
        ("b/train.parquet#2", "in/b/train.parquet", 1, "b1"),
    ]
    left = """SELECT id FROM read_parquet('in/*/*.parquet', filename=true, file_row_number=true)
        ANTI JOIN 'data/removed/*.parquet' removed USING (filename, file_row_number) ORDER BY id"""
    kept = [("a1",), ("a3",), ("b0",), ("b2",), ("b3",)]
    assert duckdb.sql(left).fetchall() == kept
    by_id = "SELECT id FROM 'in/*/*.parquet' ANTI JOIN 'data/removed/*.parquet' removed USING (id)"
    assert sorted(duckdb.sql(by_id).fetchall()) == kept


def test_rows_of_json_lines_are_found_again(tmp_path, monkeypatch, quire):
    monkeypatch.chdir(tmp_path)
    chats = [{"messages": [{"role": "user", "content": text}]} for text in (LEAK, CLEAN)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, *ROWS]))
    (tmp_path / "chat.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chats))
    assert check(quire, "plain", "a.jsonl", "--id=id") == 0
    left = "SELECT id FROM 'a.jsonl' ANTI JOIN 'PLACE/removed/*.parquet' removed ON removed.sha256 = sha256(content)"
    assert duckdb.sql(left.replace("PLACE", "plain")).fetchall() == [("a",), ("a",)]
    left = "SELECT id FROM 'a.jsonl' ANTI JOIN 'PLACE/removed/*.parquet' removed USING (id)"
    assert duckdb.sql(left.replace("PLACE", "plain")).fetchall() == [("a",), ("a",)]
    assert check(quire, "chat", "chat.jsonl", "--column", "messages[].content") == 0
    left = """SELECT messages[1].content FROM 'chat.jsonl' ANTI JOIN 'PLACE/removed/*.parquet' removed
        ON removed.sha256 = sha256(array_to_string([m.content FOR m IN messages], chr(10)))"""
    assert duckdb.sql(left.replace("PLACE", "chat")).fetchall() == [(CLEAN,)]


def test_the_lines_of_a_file_are_counted_with_the_empty_ones(tmp_path, quire, ask):
    (tmp_path / "x.jsonl").write_bytes(b"\n\n" + JSON_LINES)
    assert check(quire, tmp_path / "data", tmp_path / "x.jsonl") == 0
    query = "SELECT path, file_row_number FROM removed"
    assert ask(tmp_path / "data", query) == [("x.jsonl#4", 3)]


def test_two_workers_write_the_same_bytes(kinds, tmp_path, quire):
    assert check(quire, tmp_path / "one", kinds / "*") == 0
    flags = ("--workers=2", "--policy=drop", "--files", kinds / "*")
    assert quire("contamination", tmp_path / "two", *flags) == 0
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def zipped():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("x.jsonl", JSON_LINES)
    return content.getvalue()


def tarred():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("x.jsonl")
        member.size = len(JSON_LINES)
        archive.addfile(member, io.BytesIO(JSON_LINES))
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.jsonl", parquet(), ["is Parquet, not JSON Lines", "rename it to end in .parquet"]),
        ("x.csv", arrow(pa.ipc.new_file), ["is Arrow, not CSV"]),
        ("x.parquet", JSON_LINES, ["not a readable Parquet file", "looks like JSON"]),
        ("x.parquet", b"", ["not a readable Parquet file"]),
        ("x.parquet.gz", gzip.compress(parquet()), ["Parquet compressed by gzip: decompress"]),
        ("x.arrow", arrow(pa.ipc.new_file)[:99], ["not a readable Arrow file"]),
        ("x.zip", zipped(), ["is a zip archive, which is not read: unpack it"]),
        ("x.jsonl", zipped(), ["is a zip archive"]),
        ("x.tar.gz", tarred(), ["is a tar archive"]),
        ("x.pkl", b"\x80\x04]", ["is a pickle"]),
        ("x.bin", b"\0\1\2", ["neither text nor a table"]),
        ("x.jsonl", "a".encode("utf-16"), ["is text in UTF-16"]),
        ("x.parquet", b"version https://git-lfs.github.com/spec/v1\n", ["is a Git LFS pointer"]),
        ("x.jsonl.zst", zstd(JSON_LINES * 99)[:-40], ["truncated or damaged"]),
        ("x.jsonl.xz", lzma.compress(JSON_LINES)[:-9], ["truncated or damaged"]),
        ("x.jsonl.bz2", bz2.compress(JSON_LINES)[:-9], ["truncated or damaged"]),
        ("x.py.gz", gzip.compress(LEAK.encode())[:-9], ["truncated or damaged"]),
        ("x.jsonl.zst", zstd(b"a" * 80_000_000), ["taken for an attack"]),
        ("x.jsonl", b'{"text": "a"}\n', ["line 1: no field 'content'", "its fields are text"]),
        ("x.csv", b"id,text\n1,a\n", ["row 1: no field 'content'", "its fields are id, text"]),
        ("x.csv", b"id,content\n1,a,b\n", ["row 1: 3 values, but the header names 2 columns"]),
        ("x.csv", b"content,content\na,b\n", ["2 columns are called 'content'"]),
        ("x.json", b'[{"content": "a"}, 3]', ["record 2: not a JSON object"]),
        ("x.json", b'{\n"content": ', ["not JSON"]),
        ("x.parquet", parquet(text=["a"]), ["no column 'content'", "its columns are text"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_read_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in [name, *words]), str(error.value)


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
@pytest.mark.parametrize("column", ["messages[].text", "message[].content", "messages[7].content"])
def test_a_field_that_is_not_there(tmp_path, ending, column):
    pq.write_table(pa.table({"messages": [CHAT]}), tmp_path / "x.parquet")
    (tmp_path / "x.jsonl").write_text(json.dumps({"messages": CHAT}))
    if "7" in column and ending == "parquet":
        assert [text.as_py() for text in read(tmp_path / "x.parquet", column)] == [None]
    else:
        with pytest.raises(UsageError, match=rf"x\.{ending}.*no (field|column) .*; its? "):
            read(tmp_path / f"x.{ending}", column)


def test_no_column_is_a_usage_error(tmp_path, quire, capfd):
    (tmp_path / "x.jsonl").write_bytes(JSON_LINES)
    assert check(quire, tmp_path / "data", tmp_path / "x.jsonl", "--column=,") == 2
    assert "--column ',': names no column" in (error := capfd.readouterr().err)
    assert error.count("\n") == 1


def test_empty_files_are_no_rows(tmp_path):
    for name in ("x.jsonl", "x.csv", "x.json"):
        (tmp_path / name).touch()
    pq.write_table(table().slice(0, 0), tmp_path / "x.parquet")
    pa.feather.write_feather(table().slice(0, 0), str(tmp_path / "x.arrow"))
    (tmp_path / "header.csv").write_text("id,content\n")
    assert read(tmp_path) == []
