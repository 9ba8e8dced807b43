"""Published layouts: which files of theirs are read, and as what, in bounded batches."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.flipped_bit import flip_a_bit
from tests.support.published_rows import GITHUB_METADATA, PUBLISHED, V3, File, own, stack_v3, write
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import read_units, row_groups, units
from transforms.lib.skeleton.layouts import python_files
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.source_columns import CRAWLED_COLUMNS

NESTED = ("stack_v2_repositories", "stack_v3")
SHAPES = [
    File(repo, path, content, language=language)
    for repo in ("a/b", "c")
    for path in ("x.py", "é/y.py", ".py", "x.pyi", "X.PY", "py", None)
    for content, language in (("x = 1\n", "Python"), ("", "python"), ("é" * 50, "C"), (None, None))
]


def read(file, columns=tuple(CRAWLED_COLUMNS), damaged=None):
    """The rows of a file, and the batches that they came in."""
    planned, _ = units.plan_units([str(file)])
    batches = [batch for unit in planned for batch in read_unit(unit, columns, damaged)]
    return [row for batch in batches for row in batch.to_pylist()], batches


def is_python(file, language):
    """The definition: by the path's ending; without a path by the language, if one is told."""
    if file.path is not None:
        return file.path.endswith(".py")
    return not language or file.language is None or file.language.lower() == "python"


@pytest.mark.parametrize("layout", PUBLISHED)
@pytest.mark.parametrize("group", [3, 100])
def test_python_files_are_read_and_no_others(tmp_path, layout, group):
    file = write(tmp_path / "x.parquet", PUBLISHED[layout](SHAPES), row_group_size=group)
    tells_language = layout not in ("starcoderdata", "codeparrot")
    expected = [(r.repo, r.path, r.content) for r in SHAPES if is_python(r, tells_language)]
    found, _ = read(file)
    assert [(row["repo"], row["path"], row["content"]) for row in found] == expected
    contents, _ = read(file, ("content",))  # a second pass must find the same rows
    assert [row["content"] for row in contents] == [content for *_, content in expected]
    assert sum(unit.rows for unit in units.plan_units([str(file)])[0]) == len(SHAPES)


def test_what_each_layout_tells_of_a_file(tmp_path):
    told = {
        name: read(write(tmp_path / f"{name}.parquet", table([File("a/b", "x.py", "x")])))[0][0]
        for name, table in PUBLISHED.items()
    }
    common = {"repo": "a/b", "path": "x.py", "content": "x", "stub": None}
    commit, blob = "c" * 40, "b" * 40
    columns = [
        "licence_spdx",
        "stars",
        "forks",
        "commit",
        "repo_id",
        "size",
        "git_sha1",
        "source_id",
        "source_cluster",
    ]
    expected = {
        "stack_v1": ("MIT", 3, 2, commit, None, 1, blob, blob, None),
        "starcoderdata": (None, 3, None, None, None, None, None, "1234", None),
        "stack_v2": ("MIT", 3, 2, commit, 77, 1, blob, "1" * 40, None),
        "stack_v2_repositories": ("MIT", 3, 2, commit, 77, 1, blob, "1" * 40, None),
        "stack_v3": ("MIT", 3, 2, commit, 77, 1, None, "9" * 40, "4711"),
        "codeparrot": ("MIT", None, None, None, None, 1, None, "5190338374592018201", None),
    }
    assert told == {
        name: common | dict(zip(columns, values, strict=True)) for name, values in expected.items()
    }


@pytest.mark.parametrize(
    ("licences", "expression"),
    [
        (["MIT"], "MIT"),
        (["mit", "GPL-2.0", "mit"], "GPL-2.0-only AND MIT"),
        (["MIT OR Apache-2.0", "ISC"], "(MIT OR Apache-2.0) AND ISC"),
        (["MIT", "nobody-knows"], "NOASSERTION"),
        (["MIT", None], "NOASSERTION"),
        (["MIT"] * 1000, "NOASSERTION"),
        ([], "NOASSERTION"),
        (None, "NOASSERTION"),
    ],
)
def test_licences_of_a_list_hold_together(tmp_path, licences, expression):
    table = PUBLISHED["stack_v2"]([File("a/b", "x.py", "x")])
    place = table.schema.get_field_index("detected_licenses")
    column = pa.array([licences], pa.list_(pa.string()))
    file = write(tmp_path / "x.parquet", table.set_column(place, "detected_licenses", column))
    assert read(file)[0][0]["licence_spdx"] == expression


def test_the_licence_of_the_repository_counts_where_none_was_detected(tmp_path):
    table = PUBLISHED["stack_v2"]([File("a/b", "x.py", "x"), File("a/b", "y.py", "y", "ISC")])
    for name, column in {
        "detected_licenses": pa.array([[], ["ISC"]], pa.list_(pa.string())),
        "gha_license_id": pa.array(["Apache-2.0", "MIT"]),
    }.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    found, _ = read(write(tmp_path / "x.parquet", table))
    assert [row["licence_spdx"] for row in found] == ["Apache-2.0", "ISC"]


def test_nulls_at_every_depth(tmp_path):
    entry = {"file_path": "x.py", "content": "x", "detected_licenses": [None]}
    rows = [
        {"repo_path": "a", "files": None},
        {"repo_path": "a", "files": []},
        {"repo_path": "a", "files": [None, entry]},
        {"repo_path": None, "github_metadata": None, "files": [entry]},
        {"repo_path": "a", "github_metadata": dict.fromkeys(GITHUB_METADATA), "files": [entry]},
    ]
    file = write(tmp_path / "x.parquet", pa.Table.from_pylist(rows, pa.schema(V3)))
    found, _ = read(file)
    assert [(row["repo"], row["path"], row["stars"]) for row in found] == [
        ("a", None, None),
        ("a", "x.py", None),
        (None, "x.py", None),
        ("a", "x.py", None),
    ]


@pytest.mark.parametrize("layout", PUBLISHED)
def test_nothing_but_nulls(tmp_path, layout):
    table = PUBLISHED[layout]([File("a/b", "x.py", "x")] * 3)
    nulls = [pa.nulls(table.num_rows, kind) for kind in table.schema.types]
    found, _ = read(write(tmp_path / "x.parquet", pa.table(nulls, schema=table.schema)))
    nothing = dict.fromkeys(CRAWLED_COLUMNS)
    licence = None if layout == "starcoderdata" else "NOASSERTION"
    assert found == ([] if layout in NESTED else [nothing | {"licence_spdx": licence}] * 3)


@pytest.mark.parametrize(
    "change",
    [
        {"max_stars_count": pa.array([float("nan")])},
        {"max_stars_count": pa.array([["many"]])},
        {"max_stars_count": pa.array([2.0**70])},
        {"max_stars_repo_licenses": pa.array([7])},
        {"max_stars_repo_licenses": pa.array([[7]])},
        {"max_stars_repo_licenses": pa.array([{"a": 1}])},
        {"hexsha": pa.array([3.5])},
        {"hexsha": pa.array([[b"x"]])},
        {"hexsha": pa.array(["B" * 41])},
        {"lang": pa.array([7])},
        {"size": pa.array([{"bytes": 1}])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_column_of_another_type_is_null(tmp_path, change):
    table = PUBLISHED["stack_v1"]([File("a/b", "x.py", "x")])
    ((name, column),) = change.items()
    table = table.set_column(table.schema.get_field_index(name), name, column)
    [row], _ = read(write(tmp_path / "x.parquet", table))
    assert (row["repo"], row["path"], row["content"]) == ("a/b", "x.py", "x")
    told = {"max_stars_count": "stars", "max_stars_repo_licenses": "licence_spdx", "size": "size"}
    assert row[told.get(name, "git_sha1")] in (None, "NOASSERTION", "b" * 40)


def without(table, name):
    return table.drop_columns([name])


ONE = [File("a/b", "x.py", "x")]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (without(PUBLISHED["stack_v2"](ONE), "content"), "The Stack v2 without the files' content"),
        (
            pa.table({"repo_path": ["a"], "files": [[{"file_path": "x.py"}]]}),
            "The Stack v3 without the files' content",
        ),
        (
            pa.table({"repo_path": ["a"], "files": [[{"file_path": "x.py", "content": 1}]]}),
            "column 'files.content' is int64",
        ),
        (
            pa.table({"repo_path": ["a"], "files": [[{"file_path": 1, "content": "x"}]]}),
            "column 'files.file_path' is int64",
        ),
        (pa.table({"repo_path": ["a"], "files": ["x"]}), "The Stack v3 without"),
        (
            pa.table({"repo_path": [["a"]], "files": [[{"file_path": "x", "content": "x"}]]}),
            "column 'repo_path' is list",
        ),
        (pa.table({"text": ["x"], "meta": ["y"]}), "no column 'repo'.*The Stack v1.*CodeParrot"),
    ],
    ids=["v2 metadata", "v3 metadata", "numbers", "numbered paths", "no list", "list", "unknown"],
)
def test_what_is_no_layout_is_one_line(tmp_path, table, message):
    file = write(tmp_path / "x.parquet", table)
    with pytest.raises(UsageError, match=message) as error:
        units.plan_units([str(file)])
    assert "x.parquet" in str(error.value) and "\n" not in str(error.value)


def test_columns_of_one_name_are_told(tmp_path):
    table = PUBLISHED["codeparrot"](ONE)
    write(tmp_path / "x.parquet", table.append_column("content", table["content"]))
    with pytest.raises(UsageError, match="2 columns are called 'content'"):
        units.plan_units([str(tmp_path / "x.parquet")])


@pytest.mark.parametrize("stored", [False, True], ids=["Parquet's types", "Arrow's types"])
def test_a_huge_repository_in_a_huge_row_group_comes_in_small_batches(
    tmp_path, monkeypatch, stored
):
    """Read a buffer at a time, whether the writer left Arrow's schema in the file or not."""
    for module in (row_groups, python_files):
        monkeypatch.setattr(module, "BATCH_BYTES", 100_000)
    monkeypatch.setattr(read_units, "BUFFERED_BYTES", 0)
    monkeypatch.setattr(read_units, "BUFFER_BYTES", 1000)
    rows = [File("big", f"{i}.py", f"{i:09d}\n" * 300) for i in range(900)]
    rows += [File(f"small/{i}", "x.py", "x = 1\n") for i in range(300)]
    pq.write_table(stack_v3(rows), tmp_path / "x.parquet", store_schema=stored)
    found, batches = read(tmp_path / "x.parquet")
    assert [(row["repo"], row["path"]) for row in found] == [(row.repo, row.path) for row in rows]
    assert [row["content"] for row in found] == [row.content for row in rows]
    assert len(batches) > 20 and max(batch.nbytes for batch in batches) < 300_000


def test_dictionaries_and_other_texts_of_lists(tmp_path):
    """As Arrow's own schema may have them: dictionaries, and lists and texts of the large kind."""
    kinds = {"content": pa.dictionary(pa.int32(), pa.string()), "file_path": pa.large_string()}
    entries = pa.large_list(pa.struct([(name, kind) for name, kind in kinds.items()]))
    rows = [[{"content": "x" * 9, "file_path": f"{i}.py"}] * 2 for i in range(3)]
    table = pa.table({"repo_path": ["a"] * 3, "files": pa.array(rows, entries)})
    pq.write_table(table, tmp_path / "x.parquet")
    found, _ = read(tmp_path / "x.parquet")
    assert [row["path"] for row in found] == [f"{i}.py" for i in (0, 0, 1, 1, 2, 2)]
    assert {row["content"] for row in found} == {"x" * 9}


def test_what_stands_beside_a_damaged_row_group_is_read(tmp_path):
    rows = [File(f"r/{i}", "x.py", f"x = {i}\n") for i in range(30)]
    file = write(
        tmp_path / "x.parquet",
        stack_v3(rows),
        row_group_size=10,
        write_page_checksum=True,
        use_dictionary=False,
        compression="none",
    )
    column = [c.path for c in pq.ParquetFile(file).schema].index("files.list.element.content")
    flip_a_bit(file, 1, column)
    with pytest.raises(UsageError, match="row group 1 cannot be read"):
        read(file)
    faults = []
    found, _ = read(file, damaged=faults.append)
    assert [row["repo"] for row in found] == [f"r/{i}" for i in range(30) if i // 10 != 1]
    assert len(faults) == 1 and "10 of its 10 rows are left out" in faults[0]


def test_quires_own_columns_go_first(tmp_path):
    table = own([File("a/b", "x.txt", "x")])
    for name in ("max_stars_repo_name", "max_stars_repo_path"):
        table = table.append_column(name, pa.array(["other"]))
    [row], _ = read(write(tmp_path / "x.parquet", table))
    assert (row["repo"], row["path"]) == ("a/b", "x.txt")
