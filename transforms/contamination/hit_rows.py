"""Findings in a batch as rows of `hits`, of `removed` and of the rejects."""

import hashlib
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import HITS, REMOVED, rejects
from transforms.contamination.examine import Case
from transforms.contamination.report.evidence import Evidence, evidence
from transforms.contamination.units import Table, Texts
from transforms.contamination.verdict import HIT
from transforms.lib.text.batch import undecodable

REJECTS = rejects("contamination")
TEXT_BYTES = 16_000_000  # of one text: the kernels need some 40 bytes for each of a token's


def unchecked(texts: Texts) -> dict[int, tuple[str, str]]:
    """Rows that cannot be checked, with reason and value."""
    content = texts.content
    sizes = pc.fill_null(pc.binary_length(content.cast(pa.binary())), 0).to_numpy()
    drops = {int(row): ("too_large", str(sizes[row])) for row in np.flatnonzero(sizes > TEXT_BYTES)}
    if content.null_count:
        missing = content.is_null().to_numpy(zero_copy_only=False)
        drops |= {int(row): ("null_content", "") for row in np.flatnonzero(missing)}
    drops |= {int(row): ("not_utf8", "") for row in np.flatnonzero(undecodable(content))}
    return drops


def reject_rows(texts: Texts, drops: dict[int, tuple[str, str]]) -> pa.Table:
    """Rows that were not checked as rows of the rejects."""
    rows = []
    for row in sorted(drops):
        reason, value = drops[row]
        place = {name: texts.names[name][row] for name in ("repo", "path", "commit")}
        rows.append(place | {"reason": reason, "value": value})
    return pa.Table.from_pylist(rows, schema=REJECTS.schema)


def told(table: Table, texts: Texts, cases: Sequence[Case]) -> list[tuple[int, dict]]:
    """Rows of `hits`, each with the row of the batch it is about: in its order, then by task and
    channel."""
    found = []
    for case in cases:
        place, task = _place(table, texts, case), case.text.index.tasks[case.task]
        place |= {"suite": task.suite, "task_id": task.task_id, "verdict": case.verdict}
        before = texts.lines[case.row] - 1  # lines of the file before a function's text
        found += [(case.row, place | _evidence(each, before, place)) for each in evidence(case)]
    return found


def hit_rows(told: Sequence[tuple[int, dict]]) -> pa.Table:
    """They as a table."""
    return pa.Table.from_pylist([row for _, row in told], schema=HITS.schema)


def _place(table: Table, texts: Texts, case: Case) -> dict:
    content = texts.content[case.row].as_py().encode()
    names = {name: values[case.row] for name, values in texts.names.items()}
    return names | {"dataset": table.dataset, "sha256": hashlib.sha256(content).hexdigest()}


def _evidence(found: Evidence, before: int, place: dict) -> dict:
    return {
        "function": place["function"] or found.function,
        "line_start": before + found.first,
        "line_end": before + found.last,
        "channel": found.channel,
        "score": round(found.score, 6),
        "grams_hit": found.hit,
        "grams_total": found.total,
        "eval_excerpt": found.theirs,
        "text_excerpt": found.ours,
    }


def removed_rows(table: Table, told: Sequence[tuple[int, dict]]) -> pa.Table:
    """What is to be left out: each row of the table with a hit, and of a file each function with
    one, for a feed that takes functions."""
    removed = []
    hits = [(row, told) for row, told in told if told["verdict"] == HIT]
    for _, group in groupby(hits, key=lambda pair: pair[0]):
        found = [row for _, row in group]
        removed.append(_removed(table.granularity, found))
        if table.granularity == "file":
            functions = sorted({row["function"] for row in found if row["function"]})
            removed += [
                _removed("function", [row for row in found if row["function"] == name])
                for name in functions
            ]
    return pa.Table.from_pylist(removed, schema=REMOVED.schema)


def _removed(granularity: str, found: list[dict]) -> dict:
    names = ("dataset", "repo", "path", "commit", "sha256", "function")
    place = {name: found[0][name] for name in names}
    if granularity == "file":
        place["function"] = None
    return place | {
        "granularity": granularity,
        "line_start": min(row["line_start"] for row in found),
        "line_end": max(row["line_end"] for row in found),
        "tasks": " ".join(sorted({f"{row['suite']}:{row['task_id']}" for row in found})),
    }
