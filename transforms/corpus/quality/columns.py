"""The quality signals of the files of a batch, as columns of `signals`.

There are three levels, each with the signals of those before it. `lexical` ones are told by
compiled code, and always there; `parsed` ones cost several times what the rest of the stage does;
`ruff` ones need ruff. What was not asked for is null, and so are the latter two levels for a file
that one of Codex's filters drops.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.corpus import LEXICAL, RUFF
from transforms.corpus.quality.isolated import isolated_syntax
from transforms.corpus.quality.lexical import LexicalCounts
from transforms.corpus.quality.repeated_ngrams import NGRAMS, repeated_ngrams
from transforms.corpus.quality.ruff_findings import ruff_findings
from transforms.corpus.quality.syntax import NO_PYTHON, Syntax, syntax
from transforms.lib.python.gate import GateMeasures, measure
from transforms.lib.python.unparsable import undisturbed
from transforms.lib.text.batch import TextBatch

FURTHER = {
    "python": pa.string(),
    "no_variables": pa.bool_(),
    "simple_functions": pa.float64(),
    "no_logic": pa.float64(),
    **{f"duplicate_{length}grams": pa.float64() for length in NGRAMS},
    "ruff_findings": pa.float64(),
    "ruff_score": pa.float64(),
}
Columns = dict[str, pa.Array]


def lexical_columns(counts: LexicalCounts) -> Columns:
    """The columns of the level `lexical`; a share of nothing is null."""
    code = counts.code_lines
    lines = code + counts.docstring_lines + counts.comment_lines
    return {
        "duplicate_lines": _share(counts.duplicate_lines, code),
        "comment_lines": _share(counts.comment_lines, lines),
        "docstring_lines": _share(counts.docstring_lines, lines),
        "annotated_parameters": _share(counts.annotated, counts.parameters),
        "function_lines": _share(counts.functions, code),
        "import_lines": _share(counts.imports, code),
        "pass_lines": _share(counts.passes, code),
        "print_lines": _share(counts.prints, code),
    }


def further_columns(
    level: str, texts: TextBatch, counts: LexicalCounts, rows: NDArray[np.int64]
) -> Columns:
    """The columns of the levels above `lexical`: null if not asked for, and but for `rows`."""
    columns = {name: pa.nulls(len(texts), kind) for name, kind in FURTHER.items()}
    if level == LEXICAL or not len(rows):
        return columns
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
    return columns | {name: values.take(taken) for name, values in found.items()}


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
        "simple_functions": _share(simple, lines),
        "no_logic": _share(declarations, lines),
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
    share = np.divide(findings, lines, out=np.zeros(len(rows)), where=lines > 0)
    code = tokens / np.maximum(comments + tokens, 1)
    score = 10 * np.maximum(1 - share, 0) * code
    return {
        "ruff_findings": pa.array(100 * share, mask=lines == 0),
        "ruff_score": pa.array(score, mask=lines == 0),
    }


def _share(part: NDArray, whole: NDArray) -> pa.Array:
    """A part of a whole, from 0 on; null where the whole is nothing."""
    return pa.array(part / np.maximum(whole, 1), pa.float64(), mask=whole == 0)
