"""Batches of a published layout as batches with quire's columns, of Python files alone."""

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.lib.licences import NO_ASSERTION
from transforms.lib.skeleton.foreign_columns import as_texts, is_bytes, is_text, plain_values
from transforms.lib.skeleton.layouts.layout import Fitted, is_list, kind_at
from transforms.lib.skeleton.layouts.licence_lists import as_expressions
from transforms.lib.skeleton.row_groups import BATCH_BYTES

ROW_BYTES = 512  # that a file takes in a batch beside its content
SPAN_BYTES = 4 * BATCH_BYTES
VIEWS = (pa.string_view(), pa.binary_view())
GIT_ID = "^[0-9a-f]{40}$"


def only_python(
    batch: pa.RecordBatch, layout: Fitted, wanted: Collection[str]
) -> Iterator[pa.RecordBatch]:
    """Yields the Python files of a batch, those of `wanted` columns that the layout has.

    A file is Python by its path or, where it has none, by its language. A batch holds about
    BATCH_BYTES, however large a repository is. Columns have the types that the file gives them, but
    for licences and git's ids.
    """
    rows = _Rows(batch, layout)
    selected = np.flatnonzero(_is_python(rows))
    sizes = rows.sizes() + ROW_BYTES
    # What is passed over in between is looked at, too.
    ends = np.cumsum(sizes[selected]) // BATCH_BYTES + np.cumsum(sizes)[selected] // SPAN_BYTES
    for piece in np.split(selected, np.flatnonzero(np.diff(ends)) + 1):
        if len(piece):
            columns = {name: _column(rows, name, piece) for name in wanted}
            there = {name: column for name, column in columns.items() if column is not None}
            yield pa.RecordBatch.from_pydict(there)


class _Rows:
    """The files of a batch: `get` gives a column of quire's name as the batch has it."""

    def __init__(self, batch: pa.RecordBatch, layout: Fitted) -> None:
        self._batch, self._columns, self._files = batch, layout.columns, layout.layout.files
        self._count = len(batch)
        if self._files:
            lists = plain_values(batch[self._files])
            if not pa.types.is_large_list(lists.type):
                lists = lists.cast(pa.list_(lists.type.value_type))
            self._elements = plain_values(pc.list_flatten(lists))
            self._parents = pc.list_parent_indices(lists)
            self._count = len(self._elements)

    def __len__(self) -> int:
        return self._count

    def get(self, name: str, piece: NDArray[np.int64] | None = None) -> pa.Array | None:
        """A column, or the rows `piece` of it, in order; None if the file has none of this name."""
        found = self._column(name)
        if found is None:
            return None
        array, of_file = found
        if not of_file:
            parents = self._parents if piece is None else self._parents.take(pa.array(piece))
            return _takeable(array).take(parents)
        if piece is None or len(piece) == len(array):
            return _takeable(array)
        first = int(piece[0])
        span = array.slice(first, int(piece[-1]) + 1 - first)
        return _takeable(span).take(pa.array(piece - first))

    def sizes(self) -> NDArray[np.int64]:
        """int64[rows]: the bytes of the contents; 0 if they are not read."""
        found = self._column("content")
        if found is None or not len(self) or found[0].type == pa.null():
            return np.zeros(len(self), np.int64)
        return _lengths(found[0])

    def _column(self, name: str) -> tuple[pa.Array, bool] | None:
        """A column, and whether it has a value for each file, not each repository."""
        column = self._columns.get(name)
        if column is None or not self._is_read(column):
            return None
        first, *steps = column.split(".")
        inside = bool(self._files) and first == self._files
        array = self._elements if inside else self._batch[first]
        for step in steps:
            array = pc.struct_field(plain_values(array), step)
        return array, inside or not self._files

    def _is_read(self, column: str) -> bool:
        return kind_at(self._batch.schema, column) is not None


def _takeable(array: pa.Array) -> pa.Array:
    """The array in a type of which Arrow can take rows: views of texts are copied."""
    kind = array.type
    if kind in VIEWS:
        return array.cast(pa.large_binary())
    if is_list(kind) and kind.value_type in VIEWS:
        return array.cast(pa.list_(pa.string()))
    return array


def _lengths(column: pa.Array) -> NDArray[np.int64]:
    """int64[rows]: the bytes of texts of any type."""
    if isinstance(column, pa.ExtensionArray):
        return _lengths(column.storage)
    if isinstance(column, pa.DictionaryArray):  # its values are not repeated yet
        each = pa.array(_lengths(column.dictionary)).take(column.indices)
    elif column.type in VIEWS:  # of 16 bytes, which begin with the length
        views = np.frombuffer(column.buffers()[1], np.int32).reshape(-1, 4)
        each = views[column.offset : column.offset + len(column), 0]
        each = pc.if_else(column.is_valid(), pa.array(each), 0)
    else:
        each = pc.binary_length(column)
    lengths: NDArray[np.int64] = np.asarray(each.cast(pa.int64()).fill_null(0))
    return lengths


def _is_python(rows: _Rows) -> NDArray[np.bool_]:
    """bool[rows]: whose path ends with .py; without a path, whose language is Python or unknown."""
    column = rows.get("path")
    assert column is not None
    path, language = as_texts(column), rows.get("language")
    named = pc.ends_with(path, ".py").fill_null(True)
    if language is None:
        return np.asarray(named)
    spoken = pc.equal(pc.ascii_lower(as_texts(language)), "python").fill_null(True)
    python: NDArray[np.bool_] = np.asarray(pc.and_(named, pc.or_(path.is_valid(), spoken)))
    return python


def _column(rows: _Rows, name: str, piece: NDArray[np.int64]) -> pa.Array | None:
    column = rows.get(name, piece)
    if name == "licence_spdx":
        return _licences(column, rows.get("repository_licence", piece))
    if name == "git_sha1" and column is not None:
        return _git_ids(column)
    return column


def _licences(of_file: pa.Array | None, of_repository: pa.Array | None) -> pa.Array | None:
    """SPDX expressions, NOASSERTION where none is known; None if the layout has no licences."""
    columns = [as_expressions(each) for each in (of_file, of_repository) if each is not None]
    return pc.coalesce(*columns, NO_ASSERTION) if columns else None


def _git_ids(column: pa.Array) -> pa.StringArray:
    """Ids that are of git's form, null where they are not."""
    if not (is_text(plain_values(column).type) or is_bytes(plain_values(column).type)):
        return pa.nulls(len(column), pa.string())
    texts = pc.ascii_lower(as_texts(column))
    fits = pc.match_substring_regex(texts, GIT_ID)
    return pc.if_else(fits, texts, pa.scalar(None, pa.string()))
