"""Findings as rows of `hits` and `removed`, and texts that cannot be checked as rejects."""

import hashlib
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from schemas import HITS, REMOVED, rejects
from transforms.contamination.evidence import Evidence, evidence
from transforms.contamination.examine import TaskFinding
from transforms.contamination.text_tables import INPUT_ROW_COLUMNS, TextRows, TextTable
from transforms.contamination.verdict import HIT
from transforms.lib.detection.policy import Policy
from transforms.lib.text.batch import undecodable

REJECTS = rejects("contamination")
NOTHING_TO_CHECK = "null_content"  # the one reason by which nothing was missed


def uncheckable(texts: TextRows) -> dict[int, tuple[str, str]]:
    """The rows of a batch that cannot be checked: {row: (reason, value)}, as rejects have them."""
    content = texts.content
    reasons: dict[int, tuple[str, str]] = {}
    if content.null_count:
        missing = content.is_null().to_numpy(zero_copy_only=False)
        reasons |= {int(row): (NOTHING_TO_CHECK, "") for row in np.flatnonzero(missing)}
    reasons |= {int(row): ("not_utf8", "") for row in np.flatnonzero(undecodable(content))}
    return reasons


def rejects_table(texts: TextRows, reasons: dict[int, tuple[str, str]]) -> pa.Table:
    """The rows of `rejects/contamination` for what `uncheckable` returns."""
    rows = []
    for row in sorted(reasons):
        reason, value = reasons[row]
        names = ("repo", "path", "commit", *INPUT_ROW_COLUMNS)
        place = {name: texts.places[name][row] for name in names}
        rows.append(place | {"reason": reason, "value": value})
    return pa.Table.from_pylist(rows, schema=REJECTS.schema)


def hit_rows(
    table: TextTable, texts: TextRows, findings: Sequence[TaskFinding], policy: Policy | None = None
) -> list[tuple[int, dict]]:
    """The rows of `hits`, each with the row of the batch that it is about.

    They are ordered by that row, then by task and channel. `policy` is that of `secrets`.
    """
    rows = []
    for finding in findings:
        place, task = _place(table, texts, finding), finding.parts[0].index.tasks[finding.task]
        place |= {"suite": task.suite, "task_id": task.task_id, "verdict": finding.verdict}
        before = texts.lines[finding.row] - 1  # lines of the file before a function's text
        for piece in evidence(finding, policy):
            rows.append((finding.row, place | _evidence_columns(piece, before, place)))
    return rows


def hits_table(rows: Sequence[tuple[int, dict]]) -> pa.Table:
    """What `hit_rows` returns, as a table of `hits`."""
    return pa.Table.from_pylist([row for _, row in rows], schema=HITS.schema)


def _place(table: TextTable, texts: TextRows, finding: TaskFinding) -> dict:
    content = texts.content[finding.row].as_py().encode()
    place = {name: values[finding.row] for name, values in texts.places.items()}
    return place | {"dataset": table.dataset, "sha256": hashlib.sha256(content).hexdigest()}


def _evidence_columns(piece: Evidence, before: int, place: dict) -> dict:
    return {
        "function": place["function"] or piece.function,
        "line_start": before + piece.first,
        "line_end": before + piece.last,
        "channel": piece.channel,
        "view": piece.view,
        "score": round(piece.score, 6),
        "grams_hit": piece.found,
        "grams_total": piece.total,
        "eval_excerpt": piece.task_excerpt,
        "text_excerpt": piece.text_excerpt,
    }


def removed_table(table: TextTable, rows: Sequence[tuple[int, dict]]) -> pa.Table:
    """The rows of `removed` for what `hit_rows` returns.

    There is one for each row of the table with a hit; and for each function of a file with a hit
    another one, for a feed that takes functions.
    """
    removed = []
    hits = [(row, columns) for row, columns in rows if columns["verdict"] == HIT]
    for _, group in groupby(hits, key=lambda pair: pair[0]):
        of_row = [columns for _, columns in group]
        removed.append(_removed(table.granularity, of_row))
        if table.granularity == "file":
            functions = sorted({columns["function"] for columns in of_row if columns["function"]})
            removed += [
                _removed("function", [c for c in of_row if c["function"] == function])
                for function in functions
            ]
    return pa.Table.from_pylist(removed, schema=REMOVED.schema)


def _removed(granularity: str, hits: list[dict]) -> dict:
    names = ("dataset", "repo", "path", "commit", "sha256", "function", *INPUT_ROW_COLUMNS)
    place = {name: hits[0][name] for name in names}
    if granularity == "file":
        place["function"] = None
    return place | {
        "granularity": granularity,
        "line_start": min(row["line_start"] for row in hits),
        "line_end": max(row["line_end"] for row in hits),
        "tasks": " ".join(sorted({f"{row['suite']}:{row['task_id']}" for row in hits})),
    }
