"""The feed: training rows and tokens by source, and what tokens for blanks save."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

EXAMPLES = """
SELECT source, kind, split, count(*) AS examples, count(*) FILTER (copy > 0) AS further_copies,
       round(sum(strlen(prompt) + strlen(completion)) / 1e6, 2) AS mb
FROM examples GROUP BY source, kind, split ORDER BY source, examples DESC, kind, split
"""


def training_rows(facts: Facts) -> Section | None:
    """Examples, and files of tokens."""
    if not facts.has("examples"):
        return None
    parts = [facts.table("Training rows", EXAMPLES, bar="examples")]
    if facts.has("tokens"):
        parts.append(facts.shipped("Tokens, and what tokens for runs of blanks save", "tokens",
                                   bar="saved percent", full=100))  # fmt: skip
    return Section(
        "feed",
        "Training rows and tokens",
        "What trainers read. Saved percent is how many more tokens the same text would take "
        "without tokens for runs of blanks; the last columns are the text that 2,048 tokens hold.",
        "tokens",
        parts,
    )
