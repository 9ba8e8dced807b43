"""Turns batches of `corpus` into the rows of `functions` and of its rejects."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas import FUNCTIONS, rejects
from schemas.functions import PARAMETER
from transforms.functions import STAGE, isolated, quality
from transforms.functions.bodies import normalised, word_counts
from transforms.functions.extraction import Row, extract_functions
from transforms.functions.language import language
from transforms.functions.secret_columns import Looked, secret_columns
from transforms.lib.detection.masked_files import StoredSecrets, masked_files
from transforms.lib.python.gate import RejectReason, measure
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.unparsable import check, may_be_newer, undisturbed
from transforms.lib.text.batch import TextBatch, text_batch

REJECTS = rejects(STAGE)
NO_DOCSTRING: RejectReason = ("no_docstring", "")
DUPLICATE_FILE: RejectReason = ("duplicate_file", "")  # its functions are those of another file
# The columns that a function takes from its file.
INHERITED_COLUMNS = ("repo", "path", "commit", "sha256", "licence_spdx", "stars", "split")
FILE_COLUMNS = (*INHERITED_COLUMNS, "content", "duplicate_of")
# The columns that are filled when all units have met.
DUPLICATE_COLUMNS = ("exact_duplicate_of", "near_duplicate_of", "near_jaccard")


def extract_batch(
    batch: pa.RecordBatch, secrets: StoredSecrets | None = None
) -> tuple[pa.Table, pa.Table, TextBatch]:
    """The rows of `functions`, the rows of its rejects, and the normalised body of each function.

    The columns of duplicates are null. Functions are cut from texts in which masks stand in place
    of what `secrets` says is to be masked.
    """
    batch, looked = masked_files(batch, secrets) if secrets else (batch, None)
    files: list[int] = []
    rows: list[Row] = []
    rejected: dict[int, RejectReason] = {}
    for file, outcome in enumerate(_outcomes(batch)):
        if isinstance(outcome, list):
            rows += outcome
            files += [file] * len(outcome)
        else:
            rejected[file] = outcome
    functions, bodies = _function_table(batch, np.array(files, np.int64), rows, looked)
    return functions, _reject_table(batch, rejected), bodies


def _outcomes(batch: pa.RecordBatch) -> Iterator[list[Row] | RejectReason]:
    """Yields the functions of each file, or why it is rejected."""
    measures = measure(text_batch(batch["content"]))
    duplicate = batch["duplicate_of"].is_valid().to_pylist()
    with undisturbed():
        for file, text in enumerate(batch["content"].to_pylist()):
            if duplicate[file]:
                yield DUPLICATE_FILE
                continue
            if reason := measures.reject_reason(file):
                yield reason
                continue
            try:
                suspicious, documented = measures.is_suspicious(file), measures.documented[file]
                yield _functions(text, suspicious, documented) or NO_DOCSTRING
            except Rejected as rejected:
                newer = may_be_newer(rejected) and isolated.is_newer_python(text)
                yield "newer_python" if newer else rejected.reason, rejected.value or ""


def _functions(text: str, suspicious: bool, documented: bool) -> list[Row]:
    """The functions of a file. Raises Rejected if it has no tree."""
    if suspicious:
        return isolated.isolated_functions(text)
    if documented:
        return extract_functions(text)
    check(text)
    return []


def _function_table(
    batch: pa.RecordBatch, files: NDArray[np.int64], rows: list[Row], looked: Looked
) -> tuple[pa.Table, TextBatch]:
    """The rows as a table, with the columns of their `files`, and their normalised bodies."""
    inherited = batch.select(list(INHERITED_COLUMNS)).take(pa.array(files))
    columns: dict[str, Any] = {name: inherited[name] for name in INHERITED_COLUMNS}
    extracted = [name for name in FUNCTIONS.schema.names if rows and name in rows[0]]
    columns |= {name: [row[name] for row in rows] for name in extracted}
    columns |= _derived(inherited, rows) | secret_columns(looked, files.tolist(), rows)
    prompt, body, docstring = (
        text_batch(pa.array([row[name] for row in rows], pa.string()))
        for name in ("prompt", "body", "docstring")
    )
    bodies = normalised(body)
    columns["words"] = word_counts(prompt) + word_counts(body)
    columns["docstring_words"] = word_counts(docstring)
    columns["body_sha256"] = [digest and digest.hex() for digest in body_digests(bodies)]
    columns |= {name: pa.nulls(len(rows)) for name in DUPLICATE_COLUMNS}
    names = FUNCTIONS.schema.names
    arrays = {name: columns.get(name, []) for name in names}
    return pa.table(arrays, schema=FUNCTIONS.schema), bodies


def _derived(inherited: pa.RecordBatch, rows: list[Row]) -> dict[str, Any]:
    """The columns that follow from other columns."""
    digests, paths = inherited["sha256"].to_pylist(), inherited["path"].to_pylist()
    lines = [row["start_line"] for row in rows]
    return {
        "function_id": [function_id(*place).hex() for place in zip(digests, lines, strict=True)],
        "parameters": _parameters([row["parameters"] for row in rows]),
        "lines": [row["end_line"] - row["start_line"] + 1 for row in rows],
        "docstring_language": [language(row["docstring"]) for row in rows],
        "is_test": [quality.is_test(r["qualname"], p) for r, p in zip(rows, paths, strict=True)],
    }


def function_id(file_sha256: str, line: int) -> bytes:
    """The 16 bytes that identify a function: no two functions begin on one line of a file."""
    return hashlib.sha256(f"{file_sha256}:{line}".encode()).digest()[:16]


def _parameters(functions: list[list[Any]]) -> pa.ListArray:
    """The (name, kind, annotation, default) of each function's parameters as an Arrow array."""
    offsets = np.cumsum([0, *map(len, functions)], dtype=np.int32)
    flat = [parameter for parameters in functions for parameter in parameters]
    columns = zip(*flat, strict=True) if flat else [()] * PARAMETER.num_fields
    arrays = [pa.array(column, pa.string()) for column in columns]
    struct = pa.StructArray.from_arrays(arrays, fields=list(PARAMETER))
    return pa.ListArray.from_arrays(pa.array(offsets), struct)


def body_digests(bodies: TextBatch) -> list[bytes | None]:
    """The sha256 of each normalised body; None where it is empty."""
    view, bounds = bodies.data.data, bodies.offsets.tolist()
    return [
        hashlib.sha256(view[begin:end]).digest() if end > begin else None
        for begin, end in zip(bounds, bounds[1:], strict=False)
    ]


def _reject_table(batch: pa.RecordBatch, rejected: dict[int, RejectReason]) -> pa.Table:
    rows = pa.array(list(rejected), pa.int64())
    names = ["repo", "path", "commit", "sha256"]
    files = batch.select([*names, "duplicate_of"]).take(rows)
    columns = {name: files[name] for name in names}
    columns["reason"] = [reason for reason, _ in rejected.values()]
    columns["value"] = [value for _, value in rejected.values()]
    columns["kept_sha256"] = files["duplicate_of"]
    return pa.table(columns, schema=REJECTS.schema)
