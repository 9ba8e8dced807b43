"""What a layout is: in which columns a published corpus has what quire's columns say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.foreign_columns import is_bytes, is_text, plain_type
from transforms.lib.skeleton.row_groups import paths_of

NEEDED = ("repo", "path", "content")
SELECTING = ("path", "language")  # that say whether a row is a Python file


@dataclass(frozen=True)
class Layout:
    """The layout of rows that others publish.

    A file has it if it has all columns `marks`. `columns` names, for a column of quire, those that
    hold it, of which the first that is there counts; `a.b` is field b of the structs in column a.
    Rows are files, or repositories whose column `files` is a list of them.
    """

    name: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    files: str = ""


@dataclass(frozen=True)
class Fitted:
    """A layout with the columns that one file has of it: `columns` of quire's and the file's."""

    layout: Layout
    columns: dict[str, str]

    def tops(self) -> list[str]:
        """The file's columns that are read."""
        return sorted({column.partition(".")[0] for column in self.columns.values()})

    def leaves(self, parquet: pq.ParquetFile, wanted: Collection[str]) -> list[str]:
        """The columns of Parquet that hold what quire calls `wanted`, and what selects rows."""
        names = {*wanted, *SELECTING}
        if "licence_spdx" in names:
            names.add("repository_licence")
        fields = {self.columns[name] for name in names if name in self.columns}
        return [path for path in paths_of(parquet) if any(_is_of(path, f) for f in fields)]

    def file_counts(self, parquet: pq.ParquetFile) -> list[int]:
        """How many files each row group has.

        The values of a column in a list are counted in the footer; an empty list counts as one.
        """
        paths = enumerate(paths_of(parquet))
        place = next(i for i, path in paths if _is_of(path, self.columns["path"]))
        groups = map(parquet.metadata.row_group, range(parquet.num_row_groups))
        return [group.column(place).num_values for group in groups]


def _is_of(path: str, column: str) -> bool:
    """Whether a column of Parquet, by its path, belongs to a column or field.

    >>> _is_of("files.list.element.licenses.list.element", "files.licenses")
    True
    """
    first, *steps = column.split(".")
    top, *inside = path.split(".")
    rest = iter(inside)
    return top == first and all(step in rest for step in steps)


def fitted(file: str, schema: pa.Schema, layout: Layout) -> Fitted:
    """A layout as a file has it; UsageError that names the file if it cannot be read as such."""
    found: dict[str, str] = {}
    for name, columns in layout.columns.items():
        there = [column for column in columns if kind_at(schema, column) is not None]
        if there:
            found[name] = there[0]
    if "content" not in found:
        raise UsageError(
            f"{file}: rows of {layout.name} without the files' content: "
            "join it to them first, as column 'content'"
        )
    for name in NEEDED:
        column = found.get(name, layout.columns[name][0])
        kind = kind_at(schema, column)
        if kind is None or not (is_text(kind) or (name == "content" and is_bytes(kind))):
            raise UsageError(f"{file}: {layout.name}: column {column!r} is {kind}, not string")
    return Fitted(layout, found)


def kind_at(schema: pa.Schema, column: str) -> pa.DataType | None:
    """The type of a column, or of a field of its structs, in lists or not; None without any.

    >>> files = pa.list_(pa.struct([("path", pa.string())]))
    >>> kind_at(pa.schema([("files", files)]), "files.path")
    DataType(string)
    """
    first, *steps = column.split(".")
    if first not in schema.names:
        return None
    kind = plain_type(schema.types[schema.names.index(first)])
    for step in steps:
        if is_list(kind):
            kind = plain_type(kind.value_type)
        if not pa.types.is_struct(kind) or kind.get_field_index(step) < 0:
            return None
        kind = plain_type(kind.field(step).type)
    return kind


def is_list(kind: pa.DataType) -> bool:
    """Whether values of a type are lists, of any kind."""
    types = pa.types
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )
