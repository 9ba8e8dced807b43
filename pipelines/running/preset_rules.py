"""What the presets of `--filters` would drop of the corpus, as a view of DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from transforms.corpus.presets import Rule

PRESET_DROPS = "preset_drops"
# The first eight bytes of a digest as one number, the first byte being the least, as rules with a
# share take them; sha256 has two digits for each.
FIRST_BYTES = " || ".join(f"substr(sha256, {2 * byte + 1}, 2)" for byte in reversed(range(8)))


def create_preset_drops(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the view: a row for each file of `corpus` and each rule of each preset.

    Columns are preset, place of the rule (from 1), reason, rule, sha256, measured (whether the file
    has what the rule looks at) and dropped.
    """
    from transforms.corpus.presets import PRESETS  # few questions need it

    queries = [
        f"SELECT '{preset}' AS preset, {place} AS place, '{rule.reason}' AS reason,"
        f" '{told(rule)}' AS rule, sha256, {rule.column} IS NOT NULL AS measured,"
        f" coalesce({condition(rule)}, false){_share(rule)} AS dropped FROM corpus"
        for preset, rules in PRESETS.items()
        for place, rule in enumerate(rules, 1)
    ]
    connection.execute(f"CREATE VIEW {PRESET_DROPS} AS {' UNION ALL '.join(queries)}")


def condition(rule: Rule) -> str:
    """The condition of SQL that a file meets a rule; null where its column is.

    >>> from transforms.corpus.presets import Rule
    >>> condition(Rule("many_passes", "pass_lines", above=0.05))
    'pass_lines > 0.05::DOUBLE'
    >>> condition(Rule("not_python3", "python", among=("2", "none")))
    "python IN ('2', 'none')"
    """
    if rule.above is not None:
        return f"{rule.column} > {rule.above}::DOUBLE"
    if rule.below is not None:
        return f"{rule.column} < {rule.below}::DOUBLE"
    values = (f"'{v}'" if isinstance(v, str) else str(v).lower() for v in rule.among)
    return f"{rule.column} IN ({', '.join(values)})"


def told(rule: Rule) -> str:
    """The rule for people, without quotes.

    >>> from transforms.corpus.presets import Rule
    >>> told(Rule("no_logic", "no_logic", above=0.5, share=0.8))
    'no_logic > 0.5, of which a share of 0.8'
    """
    plain = condition(rule).replace("::DOUBLE", "").replace("'", "")
    return plain if rule.share == 1 else f"{plain}, of which a share of {rule.share}"


def _share(rule: Rule) -> str:
    if rule.share == 1:
        return ""
    return f" AND ('0x' || {FIRST_BYTES})::UBIGINT % 1000 < {1000 * rule.share}"
