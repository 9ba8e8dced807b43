"""Under which licences the kept files stand, and which repositories they are from."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

REPOSITORIES = """
SELECT repo, any_value(licence_spdx) AS licence, count(*) AS files,
       round(sum(size) / 1e6, 2) AS mb,
       round(100 * sum(size) / sum(sum(size)) OVER (), 1) AS percent,
       max(stars) AS stars, any_value(split) AS split
FROM corpus GROUP BY repo ORDER BY sum(size) DESC, repo LIMIT 15
"""


def kept_licences(facts: Facts) -> Section | None:
    """Licences, the largest repositories, sizes by split."""
    if not facts.has("corpus"):
        return None
    return Section(
        "licences",
        "Licences and repositories",
        "The kept files of corpus by the SPDX expression of their project, by repository, and by "
        "split. NOASSERTION is a project whose licence is not known.",
        "licenses",
        [
            facts.shipped("Licences", "licenses", 20, bar="files"),
            facts.table("The largest repositories", REPOSITORIES, bar="MB", code=["repo"]),
            facts.shipped("Sizes by split", "sizes"),
        ],
    )
