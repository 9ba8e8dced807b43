"""Columns of Parquet that others wrote, as the types that quire works with.

What a column cannot say is null: a value that nobody needs never ends a run.
"""

import math
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_COUNT = 2**63 - 1  # of int64
WHOLE_NUMBER = "^-?[0-9]{1,18}$"  # in a text; what else may be one is parsed one by one


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds texts, or nothing but nulls.

    >>> is_text(pa.dictionary(pa.int32(), pa.large_string())), is_text(pa.binary())
    (True, False)
    """
    plain = plain_type(kind)
    return plain in (pa.string(), pa.large_string(), pa.string_view(), pa.null())


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a column of this type holds bytes, which may be text."""
    plain = plain_type(kind)
    return plain in (pa.binary(), pa.large_binary(), pa.binary_view()) or (
        pa.types.is_fixed_size_binary(plain)
    )


def plain_type(kind: pa.DataType) -> pa.DataType:
    """A type without what is around it: an extension's name, a dictionary."""
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    return plain_type(kind.value_type) if pa.types.is_dictionary(kind) else kind


def plain_values(column: pa.Array) -> pa.Array:
    """A column without what is around its type: an extension's name, a dictionary."""
    if isinstance(column, pa.ExtensionArray):
        return plain_values(column.storage)
    return (
        plain_values(column.dictionary_decode()) if pa.types.is_dictionary(column.type) else column
    )


def as_texts(column: pa.Array) -> pa.StringArray:
    """A column as texts, which may not be UTF-8; numbers are spelt, all else is null.

    >>> as_texts(pa.array([7, None])).to_pylist(), as_texts(pa.array([[7]])).to_pylist()
    (['7', None], [None])
    """
    plain = plain_values(column)
    if is_text(plain.type):
        return plain.cast(pa.string())
    if is_bytes(plain.type):
        return plain.cast(pa.binary()).view(pa.string())
    if _is_number(plain.type):
        return pa.array([_spelt(value) for value in plain.to_pylist()], pa.string())
    return pa.nulls(len(column), pa.string())


def _spelt(value: Any) -> str | None:
    return None if value is None or value != value else str(value)


def as_counts(column: pa.Array) -> pa.Int64Array:
    """A column as int64: whole numbers of any type, or in a text; all else is null.

    >>> as_counts(pa.array([3.0, 3.5, float("nan")])).to_pylist()
    [3, None, None]
    >>> as_counts(pa.array(["12", "many", "1e3"])).to_pylist()
    [12, None, 1000]
    """
    plain = plain_values(column)
    if pa.types.is_signed_integer(plain.type) or plain.type == pa.null():
        return plain.cast(pa.int64())
    if is_text(plain.type):
        plain = as_texts(plain).cast(pa.binary())  # nobody has checked that it is UTF-8
        if pc.all(pc.match_substring_regex(plain, WHOLE_NUMBER)).as_py():
            return plain.cast(pa.string()).cast(pa.int64())
    elif pa.types.is_float32(plain.type) or pa.types.is_float64(plain.type):
        return _whole(plain)
    elif not _is_number(plain.type):
        return pa.nulls(len(column), pa.int64())
    return pa.array([_count(value) for value in plain.to_pylist()], pa.int64())


def _whole(column: pa.Array) -> pa.Int64Array:
    """Floats as int64; null where they are not whole, or too large."""
    values = np.asarray(column.cast(pa.float64()).fill_null(math.nan))
    fits = (np.abs(values) < MAX_COUNT) & (values == np.trunc(values))
    return pa.array(np.where(fits, values, 0).astype(np.int64), mask=~fits)


def _is_number(kind: pa.DataType) -> bool:
    whole = pa.types.is_integer(kind)
    return bool(whole or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _count(value: Any) -> int | None:
    if isinstance(value, bytes):
        try:
            value = Decimal(value.decode("ascii", "replace").strip())
        except InvalidOperation:
            return None
    if value is None or not (isinstance(value, int) or math.isfinite(value)):
        return None
    if abs(value) > MAX_COUNT or value != int(value):
        return None
    return int(value)


def in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with times of nanoseconds in microseconds, null where that would not be exact.

    Those of Python have no more; where pandas is installed, Arrow would make values of its types.
    """
    columns = [_in_microseconds(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _in_microseconds(column: pa.Array) -> pa.Array:
    """The same for one column."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        target = pa.timestamp("us", kind.tz)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        target = pa.duration("us")
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        target = pa.time64("us")
    else:
        return column
    ticks = column.cast(pa.int64())
    whole = pc.divide(ticks, 1000)
    exact = pc.equal(pc.multiply(whole, 1000), ticks)
    return pc.if_else(exact, whole.cast(target), pa.scalar(None, target))


def as_values(column: pa.Array) -> list[Any]:
    """A column of any type as values of Python; its texts are bytes, and its times are numbers.

    Nobody has checked that the texts are UTF-8, and not every time is one of Python's.

    >>> as_values(pa.array([[{"role": "user"}], None]))
    [[{'role': b'user'}], None]
    """
    try:
        plain = column.cast(_of_bytes_and_numbers(column.type))
    except pa.ArrowException:  # a type that Arrow cannot cast inside of
        plain = column
    values: list[Any] = plain.to_pylist(maps_as_pydicts="lossy")
    return values


def _of_bytes_and_numbers(kind: pa.DataType) -> pa.DataType:
    """A type with bytes in place of texts and numbers in place of times, however deep."""
    plain = plain_type(kind)
    if is_text(plain):
        return plain if plain == pa.null() else pa.large_binary()
    if pa.types.is_temporal(plain) and not pa.types.is_interval(plain):
        return pa.int32() if plain.bit_width == 32 else pa.int64()
    if pa.types.is_struct(plain):
        return pa.struct([f.with_type(_of_bytes_and_numbers(f.type)) for f in plain])
    if pa.types.is_large_list(plain):
        return pa.large_list(_of_bytes_and_numbers(plain.value_type))
    if pa.types.is_list(plain) or pa.types.is_list_view(plain):
        return pa.list_(_of_bytes_and_numbers(plain.value_type))
    if pa.types.is_fixed_size_list(plain):
        return pa.list_(_of_bytes_and_numbers(plain.value_type), plain.list_size)
    if pa.types.is_map(plain):
        values = map(_of_bytes_and_numbers, (plain.key_type, plain.item_type))
        return pa.map_(*values)
    return plain
