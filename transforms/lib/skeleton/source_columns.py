"""The columns of Python source files in Parquet, which others may have written."""

from collections.abc import Collection

import pyarrow as pa

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.foreign_columns import as_counts, as_texts, is_bytes, is_text
from transforms.lib.skeleton.layouts import LAYOUTS

# The columns of Parquet that holds Python source files.
REQUIRED_COLUMNS = {name: pa.string() for name in ("repo", "path", "content")}
OPTIONAL_COLUMNS = {
    "commit": pa.string(),
    "licence_spdx": pa.string(),
    "stars": pa.int64(),
    "size": pa.int64(),
    "git_sha1": pa.string(),
    "repo_id": pa.int64(),
}
SOURCE_COLUMNS = REQUIRED_COLUMNS | OPTIONAL_COLUMNS
# What the crawl takes beside them; `stub` is why a corpus left a file's content out.
CRAWLED_COLUMNS = SOURCE_COLUMNS | {
    "forks": pa.int64(),
    "source_id": pa.string(),
    "source_cluster": pa.string(),
    "stub": pa.string(),
}
CORPUS_COLUMNS = {  # `corpus` has these too
    name: pa.string() for name in ("sha256", "split", "duplicate_of")
}


def require_columns(file: str, schema: pa.Schema) -> None:
    """Raises UsageError, naming file and column, if the file cannot be read as source files."""
    require_single(file, schema, SOURCE_COLUMNS)
    for name in REQUIRED_COLUMNS:
        if name not in schema.names:
            others = ", ".join(layout.name for layout in LAYOUTS)
            raise UsageError(
                f"{file}: no column {name!r}; needed are repo, path, content, or those of {others}"
            )
        kind = schema.field(name).type
        if not is_text(kind) and not (name == "content" and is_bytes(kind)):
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def require_single(file: str, schema: pa.Schema, columns: Collection[str]) -> None:
    """Raises UsageError if the file has several columns of one of these names."""
    for name in columns:
        if (count := schema.names.count(name)) > 1:
            raise UsageError(f"{file}: {count} columns are called {name!r}; rename all but one")


def normalised(batch: pa.RecordBatch, columns: Collection[str]) -> pa.RecordBatch:
    """The batch with exactly these columns, each null where it does not have it."""
    return pa.RecordBatch.from_pydict({name: _column(batch, name) for name in columns})


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = (CRAWLED_COLUMNS | CORPUS_COLUMNS)[name]
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    if kind == pa.int64():
        return as_counts(batch[name])
    column = as_texts(batch[name])
    # Content that is not UTF-8 stays as it is: it is a reason to drop the row.
    return column if name == "content" else valid_utf8(column)


def valid_utf8(column: pa.StringArray) -> pa.StringArray:
    """The texts with bytes that are not UTF-8 as escapes such as `\\xff`; Parquet may hold any."""
    raw = column.cast(pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        texts = [value and value.decode("utf-8", "backslashreplace") for value in values]
        return pa.array(texts, pa.string())
