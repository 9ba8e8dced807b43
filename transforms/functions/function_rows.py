"""Batches of `corpus` to the rows of `functions` and of its rejects."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import FUNCTIONS, rejects
from schemas.functions import PARAMETER
from transforms.functions import isolated, quality
from transforms.functions.bodies import normalised, word_counts
from transforms.functions.extraction import Row, extract_functions
from transforms.functions.gate import Fault, shapes
from transforms.functions.language import language
from transforms.functions.unparsable import check, undisturbed
from transforms.lib.python.parsing import Rejected
from transforms.lib.text.batch import TextBatch, text_batch

STAGE = "functions"
REJECTS = rejects(STAGE)
NO_DOCSTRING: Fault = ("no_docstring", "")
# What a function has from its file.
OF_FILE = ("repo", "path", "commit", "sha256", "licence_spdx", "stars", "split")
FILE_COLUMNS = (*OF_FILE, "content")
DUPLICATES = ("exact_duplicate_of", "near_duplicate_of", "near_jaccard")


def extract_batch(batch: pa.RecordBatch) -> tuple[pa.Table, pa.Table, TextBatch]:
    """Files to the rows of `functions`, without duplicates, and of its rejects.

    With them the normalised bodies, one for each function.
    """
    files: list[int] = []
    rows: list[Row] = []
    faults: dict[int, Fault] = {}
    for file, found in enumerate(_results(batch["content"])):
        if isinstance(found, list):
            rows += found
            files += [file] * len(found)
        else:
            faults[file] = found
    functions, bodies = _function_table(batch, np.array(files, np.int64), rows)
    return functions, _reject_table(batch, faults), bodies


def _results(content: pa.StringArray) -> Iterator[list[Row] | Fault]:
    """The functions of each file, or why there are none."""
    measured = shapes(text_batch(content))
    with undisturbed():
        for file, text in enumerate(content.to_pylist()):
            if refusal := measured.refusal(file):
                yield refusal
                continue
            try:
                suspicious, documented = measured.is_suspicious(file), measured.documented[file]
                yield _functions(text, suspicious, documented) or NO_DOCSTRING
            except Rejected as rejected:
                yield rejected.reason, rejected.value or ""


def _functions(text: str, suspicious: bool, documented: bool) -> list[Row]:
    if suspicious:
        return isolated.isolated_functions(text)
    if documented:
        return extract_functions(text, isolated.rewritten)
    check(text)
    return []


def _function_table(
    batch: pa.RecordBatch, files: NDArray[np.int64], rows: list[Row]
) -> tuple[pa.Table, TextBatch]:
    given = batch.select(list(OF_FILE)).take(pa.array(files))
    columns: dict[str, Any] = {name: given[name] for name in OF_FILE}
    told = [name for name in FUNCTIONS.schema.names if rows and name in rows[0]]
    columns |= {name: [row[name] for row in rows] for name in told}
    columns |= _derived(given, rows)
    prompt, body, docstring = (
        text_batch(pa.array([row[name] for row in rows], pa.string()))
        for name in ("prompt", "body", "docstring")
    )
    bodies = normalised(body)
    columns["words"] = word_counts(prompt) + word_counts(body)
    columns["docstring_words"] = word_counts(docstring)
    columns["body_sha256"] = [digest and digest.hex() for digest in body_digests(bodies)]
    columns |= {name: pa.nulls(len(rows)) for name in DUPLICATES}
    names = FUNCTIONS.schema.names
    arrays = {name: columns.get(name, []) for name in names}
    return pa.table(arrays, schema=FUNCTIONS.schema), bodies


def _derived(given: pa.RecordBatch, rows: list[Row]) -> dict[str, Any]:
    """What follows from other columns."""
    digests, paths = given["sha256"].to_pylist(), given["path"].to_pylist()
    lines = [row["start_line"] for row in rows]
    return {
        "function_id": [function_id(*place).hex() for place in zip(digests, lines, strict=True)],
        "parameters": _parameters([row["parameters"] for row in rows]),
        "lines": [row["end_line"] - row["start_line"] + 1 for row in rows],
        "docstring_language": [language(row["docstring"]) for row in rows],
        "is_test": [quality.is_test(r["qualname"], p) for r, p in zip(rows, paths, strict=True)],
    }


def function_id(file_sha256: str, line: int) -> bytes:
    """16 bytes that are the function's alone: no two begin on one line of a file."""
    return hashlib.sha256(f"{file_sha256}:{line}".encode()).digest()[:16]


def _parameters(given: list[list[Any]]) -> pa.ListArray:
    """Lists of (name, kind, annotation, default) as Arrow has them."""
    offsets = np.cumsum([0, *map(len, given)], dtype=np.int32)
    flat = [parameter for each in given for parameter in each]
    columns = zip(*flat, strict=True) if flat else [()] * PARAMETER.num_fields
    arrays = [pa.array(column, pa.string()) for column in columns]
    struct = pa.StructArray.from_arrays(arrays, fields=list(PARAMETER))
    return pa.ListArray.from_arrays(pa.array(offsets), struct)


def body_digests(bodies: TextBatch) -> list[bytes | None]:
    """sha256 of each normalised body; None where nothing is left of it."""
    view, bounds = bodies.data.data, bodies.offsets.tolist()
    return [
        hashlib.sha256(view[begin:end]).digest() if end > begin else None
        for begin, end in zip(bounds, bounds[1:], strict=False)
    ]


def _reject_table(batch: pa.RecordBatch, faults: dict[int, Fault]) -> pa.Table:
    rows = pa.array(list(faults), pa.int64())
    names = ["repo", "path", "commit", "sha256"]
    given = batch.select(names).take(rows)
    columns = {name: given[name] for name in names}
    columns["reason"] = [reason for reason, _ in faults.values()]
    columns["value"] = [value for _, value in faults.values()]
    columns["kept_sha256"] = pa.nulls(len(rows))
    return pa.table(columns, schema=REJECTS.schema)
