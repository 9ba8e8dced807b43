"""The presets of --filters: rules on quality signals, with the thresholds that were published.

Each preset has the filters of Codex, which come first, and its own rules. A signal that is null
drops no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.corpus.filters.measured import Drops


@dataclass(frozen=True)
class Rule:
    """Drops a file for `reason` if a column is above or below a limit, or among some values.

    With a `share` below 1 only such a share of these files is dropped, by their digests.
    """

    reason: str
    column: str
    above: float | None = None
    below: float | None = None
    among: tuple[str | bool, ...] = ()
    share: float = 1


NOT_PYTHON_3 = Rule("not_python3", "python", among=("2", "none"))
PRESETS: dict[str, tuple[Rule, ...]] = {
    "codex": (),
    # OpenCoder-llm/opc_data_filtering, pipeline/code_filter_config.py: what is only for Python, and
    # what is repeated. Of its rules for 7 to 9-grams, that for 6 drops all that they do.
    "opencoder": (
        NOT_PYTHON_3,
        Rule("many_functions", "function_lines", above=0.2),
        Rule("no_variables", "no_variables", among=(True,)),
        Rule("many_passes", "pass_lines", above=0.05),
        Rule("many_imports", "import_lines", above=0.3),
        Rule("many_simple_functions", "simple_functions", above=0.1),
        Rule("no_logic", "no_logic", above=0.5, share=0.8),
        Rule("many_prints", "print_lines", above=0.4),
        Rule("duplicate_lines", "duplicate_lines", above=0.7),
        Rule("duplicate_5grams", "duplicate_5grams", above=0.8),
        Rule("duplicate_6grams", "duplicate_6grams", above=0.7),
        Rule("duplicate_10grams", "duplicate_10grams", above=0.6),
    ),
    # rioyokotalab/swallow-code-math: what compiles, and has 7.0 of pylint's 10 points or more, less
    # for comments. Ruff stands for pylint here, with the limit at which both agree best.
    "swallow": (NOT_PYTHON_3, Rule("low_score", "ruff_score", below=9.0)),
}


def reject(preset: str, signals: Mapping[str, pa.Array], digests: NDArray[np.uint64]) -> Drops:
    """The rows that the rules of a preset drop, each with the reason of the first that does.

    `digests` are eight bytes of the digest of each file.

    >>> signals = {"python": pa.array(["3", "2", None]), "ruff_score": pa.array([6.5, None, None])}
    >>> reject("swallow", signals, np.zeros(3, np.uint64))
    {0: ('low_score', '6.5'), 1: ('not_python3', '2')}
    """
    dropped: Drops = {}
    for rule in reversed(PRESETS[preset]):
        column = signals[rule.column]
        hit = pc.fill_null(_hit(rule, column), False).to_numpy(zero_copy_only=False)
        hit &= digests % 1000 < 1000 * rule.share
        dropped |= {int(row): (rule.reason, _text(column[int(row)])) for row in np.flatnonzero(hit)}
    return dict(sorted(dropped.items()))


def _hit(rule: Rule, column: pa.Array) -> pa.Array:
    """Which values a rule drops; null for null."""
    if rule.above is not None:
        return pc.greater(column, rule.above)
    if rule.below is not None:
        return pc.less(column, rule.below)
    return pc.is_in(column, pa.array(rule.among, column.type))


def _text(value: pa.Scalar) -> str:
    plain = value.as_py()
    return f"{plain:.6g}" if isinstance(plain, float) else str(plain).lower()
