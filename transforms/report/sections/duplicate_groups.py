"""Groups of duplicates: how large they are, and which files stand for the most."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

SIZES = """
WITH sizes AS (
    SELECT count(*) AS members, count(*) FILTER (kind = 'exact') AS exact,
           count(*) FILTER (kind = 'near') AS near
    FROM clusters GROUP BY representative
), binned AS (
    SELECT *, CASE WHEN members <= 5 THEN members ELSE 2 ** ceil(log2(members)) END::BIGINT AS bin
    FROM sizes
)
SELECT CASE WHEN bin <= 5 THEN bin::VARCHAR ELSE 'up to ' || bin END AS "files in a group",
       count(*) AS groups, sum(members)::BIGINT AS files, sum(exact)::BIGINT AS exact,
       sum(near)::BIGINT AS near
FROM binned GROUP BY bin ORDER BY bin
"""


def duplicate_groups(facts: Facts) -> Section | None:
    """Groups by size, and the largest."""
    if not facts.has("clusters"):
        return None
    return Section(
        "duplicates",
        "Duplicates",
        "Files that are the same, or nearly so (Jaccard of word 5-grams, verified), form a group "
        "in clusters, of which one file represents the others.",
        "duplicates",
        [
            facts.table("Groups by size", SIZES, bar="groups"),
            facts.shipped(
                "The files that stand for the most", "duplicates", 10,
                code=["path", "for example"],
            ),
        ],
    )  # fmt: skip
