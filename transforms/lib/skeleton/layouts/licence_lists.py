"""Licences that others found in a file's project, as one SPDX expression."""

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from transforms.lib import licences
from transforms.lib.skeleton.foreign_columns import as_texts, is_text, plain_type, plain_values
from transforms.lib.skeleton.layouts.layout import is_list

BETWEEN = "\n"  # ids of a list, while it is one text


def as_expressions(column: pa.Array) -> pa.StringArray:
    """Names or lists of names of licences as SPDX expressions; null where there is none.

    Of a list all hold. What has a name that nobody knows is NOASSERTION.

    >>> as_expressions(pa.array([["MIT", "apache-2.0"], ["MIT", "ours"], [], None])).to_pylist()
    ['Apache-2.0 AND MIT', 'NOASSERTION', None, None]
    """
    names = _as_one_text(column).dictionary_encode()
    known = [_expression(name) for name in names.dictionary.cast(pa.binary()).to_pylist()]
    return pa.array(known, pa.string()).take(names.indices)


def _as_one_text(column: pa.Array) -> pa.StringArray:
    lists = plain_values(column)
    if not is_list(lists.type):
        return as_texts(lists)
    if not is_text(plain_type(lists.type.value_type)):
        return pa.nulls(len(lists), pa.string())
    return pc.binary_join(lists.cast(pa.list_(pa.string())), BETWEEN)


@lru_cache(1 << 14)
def _expression(names: bytes) -> str | None:
    """The expression of names in one text; None if it is empty."""
    text = names.decode("utf-8", "replace")
    if len(text) > licences.MAX_EXPRESSION_CHARACTERS:
        return licences.NO_ASSERTION
    all_ids = {licences.normalised(name, None) for name in text.split(BETWEEN) if name}
    if licences.NO_ASSERTION in all_ids:
        return licences.NO_ASSERTION
    parts = [f"({each})" if " OR " in each and len(all_ids) > 1 else each for each in all_ids]
    return " AND ".join(sorted(parts)) or None
