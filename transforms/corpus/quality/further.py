"""The quality signals that are told on request: by the parser, and by ruff.

This module is imported where it is needed, as what it imports takes a third of a second.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.corpus import LEXICAL, RUFF
from transforms.corpus.quality.isolated_syntax import isolated_syntax
from transforms.corpus.quality.lexical import LexicalCounts
from transforms.corpus.quality.quality_columns import Columns, no_columns, share
from transforms.corpus.quality.repeated_ngrams import NGRAMS, repeated_ngrams
from transforms.corpus.quality.ruff_findings import ruff_findings
from transforms.corpus.quality.syntax import NO_PYTHON, Syntax, syntax
from transforms.lib.python.gate import GateMeasures, measure
from transforms.lib.python.unparsable import undisturbed
from transforms.lib.text.batch import TextBatch


def further_columns(
    level: str, texts: TextBatch, counts: LexicalCounts, rows: NDArray[np.int64]
) -> Columns:
    """The columns of the levels above `lexical`; null but for `rows`, and where not asked for."""
    gate = measure(texts)
    trees = [_syntax(texts.array[row].as_py(), gate, row) for row in rows.tolist()]
    found = _parsed(trees, counts, rows)
    shares = repeated_ngrams(texts, rows.tolist())
    found |= {f"duplicate_{n}grams": pa.array(s) for n, s in zip(NGRAMS, shares, strict=True)}
    if level == RUFF:
        found |= _ruff(texts, trees, gate, counts, rows)
    places = np.full(len(texts), -1)
    places[rows] = np.arange(len(rows))
    taken = pa.array(places, mask=places < 0)
    spread = {name: values.take(taken) for name, values in found.items()}
    return no_columns(len(texts), LEXICAL) | spread


def _syntax(text: str, gate: GateMeasures, row: int) -> Syntax:
    """The syntax of a text, told where it can do no harm; what the gate refuses is no Python."""
    if gate.reject_reason(row):
        return Syntax(NO_PYTHON)
    if gate.is_suspicious(row):
        return isolated_syntax(text)
    with undisturbed():
        return syntax(text)


def _parsed(trees: list[Syntax], counts: LexicalCounts, rows: NDArray[np.int64]) -> Columns:
    """What the trees tell of the rows; null where there is none, but for `python`."""
    lines = np.where([tree.is_python_3 for tree in trees], counts.code_lines[rows], 0)
    simple = np.array([tree.simple_functions for tree in trees])
    declarations = np.array([tree.declarations for tree in trees]) + counts.imports[rows]
    return {
        "python": pa.array([tree.python for tree in trees], pa.string()),
        "no_variables": pa.array([tree.variables == 0 for tree in trees], mask=lines == 0),
        "simple_functions": share(simple, lines),
        "no_logic": share(declarations, lines),
    }


def _ruff(
    texts: TextBatch,
    trees: list[Syntax],
    gate: GateMeasures,
    counts: LexicalCounts,
    rows: NDArray[np.int64],
) -> Columns:
    """What ruff finds in the rows that are Python 3, and a score like that of pylint.

    The score is 10 without findings, 0 with one in each line of code, and less for comments:
    times 1 - comments / (comments + tokens), as SwallowCode has it.
    """
    asked = [place for place, tree in enumerate(trees) if tree.is_python_3]
    findings = np.full(len(rows), np.nan)
    found = ruff_findings([texts.array[row].as_py() for row in rows[asked].tolist()])
    findings[asked] = [np.nan if each is None else each for each in found]
    lines = np.where(np.isnan(findings), 0, counts.code_lines[rows])
    comments, tokens = counts.comment_lines[rows], gate.tokens[rows]
    per_line = np.divide(findings, lines, out=np.zeros(len(rows)), where=lines > 0)
    code = tokens / np.maximum(comments + tokens, 1)
    score = 10 * np.maximum(1 - per_line, 0) * code
    return {
        "ruff_findings": pa.array(100 * per_line, mask=lines == 0),
        "ruff_score": pa.array(score, mask=lines == 0),
    }
