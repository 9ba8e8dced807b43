"""The quality signals of the files of a batch, as columns of `signals`.

There are levels, each with the signals of those before it: `none`; `lexical` ones, which are told
by compiled code; `parsed` ones, which cost several times what the rest of the stage does; `ruff`
ones, which need ruff. What was not asked for is null, and all are null for a file that one of
Codex's filters drops.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.quality import PARSED, QUALITY, RUFF
from transforms.corpus import NONE
from transforms.corpus.quality.lexical import LexicalCounts

Columns = dict[str, pa.Array]


def lexical_columns(counts: LexicalCounts) -> Columns:
    """The columns of the level `lexical`; a share of nothing is null."""
    code = counts.code_lines
    lines = code + counts.docstring_lines + counts.comment_lines
    return {
        "duplicate_lines": share(counts.duplicate_lines, code),
        "comment_lines": share(counts.comment_lines, lines),
        "docstring_lines": share(counts.docstring_lines, lines),
        "annotated_parameters": share(counts.annotated, counts.parameters),
        "function_lines": share(counts.functions, code),
        "import_lines": share(counts.imports, code),
        "pass_lines": share(counts.passes, code),
        "print_lines": share(counts.prints, code),
    }


def no_columns(rows: int, level: str) -> Columns:
    """The columns of the levels above `level`, which is `none` or `lexical`, all null."""
    above = PARSED + RUFF if level != NONE else QUALITY
    return {name: pa.nulls(rows, kind) for name, kind, _ in above}


def share(part: NDArray, whole: NDArray) -> pa.Array:
    """A part of a whole, from 0 on; null where the whole is nothing."""
    return pa.array(part / np.maximum(whole, 1), pa.float64(), mask=whole == 0)
