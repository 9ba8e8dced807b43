"""Counts of datasets that must add up, as queries to the catalogue."""

from transforms.feed.feed_sources import SOURCES

# What rejects/corpus and `clusters` say of dropped duplicates.
REJECTED_DUPLICATES = (
    'SELECT repo, path, "commit", sha256, kept_sha256 FROM rejects_corpus'
    " WHERE kept_sha256 IS NOT NULL"
)
DROPPED_MEMBERS = 'SELECT repo, path, "commit", sha256, representative FROM clusters WHERE NOT kept'
# How many files each content represents: by `clusters`, and by `corpus`.
MEMBERS = (
    "SELECT representative AS sha256, count(*) FILTER (kind = 'representative') AS members,"
    " count(*) FILTER (kind = 'exact') AS exact, count(*) FILTER (kind = 'near') AS near"
    " FROM clusters GROUP BY 1"
)
REPRESENTED = (
    "SELECT sha256, count(*) AS rows, sum(exact_copies) AS copies, sum(near_copies) AS alike"
    " FROM corpus WHERE exact_copies + near_copies > 0 GROUP BY 1"
)
# Files in which something is masked, and what is left out of the feed for a secret.
MASKED = "SELECT sha256 FROM secrets WHERE action = 'mask'"
DROPPED = (
    "SELECT DISTINCT 'corpus' AS source, sha256 AS source_id FROM secrets WHERE action = 'drop'"
    " UNION ALL SELECT 'functions', function_id FROM functions WHERE secrets_action = 'drop'"
    " UNION ALL SELECT 'problems', problem_id FROM problems WHERE secrets_action = 'drop'"
)
# Queries whose answer must be zero, and the line that is printed if it is not.
SUMS = (
    (
        "SELECT (SELECT count(*) FROM signals) - (SELECT count(*) FROM corpus)"
        " - (SELECT count(*) FROM rejects_corpus)",
        "signals, corpus and rejects/corpus do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) FROM rejects_corpus WHERE kept_sha256 IS NOT NULL"
        " AND kept_sha256 NOT IN (SELECT sha256 FROM corpus)",
        "rejects/corpus: {} rows name a kept file that is not in corpus",
    ),
    (
        "SELECT count(*) - count(DISTINCT sha256) FROM corpus WHERE duplicate_of IS NULL",
        "corpus: {} files have the content of another, and do not say so",
    ),
    (
        "SELECT count(*) FROM corpus WHERE duplicate_of NOT IN"
        " (SELECT sha256 FROM corpus WHERE duplicate_of IS NULL)",
        "corpus: {} files are duplicates of a file that is not there",
    ),
    # Each duplicate that was dropped is in a cluster, and no other that was dropped.
    *(
        (
            f"SELECT count(*) FROM ({one} EXCEPT ALL {other})",
            "clusters and rejects/corpus do not agree: {} duplicates are not in " + where,
        )
        for one, other, where in (
            (REJECTED_DUPLICATES, DROPPED_MEMBERS, "clusters"),
            (DROPPED_MEMBERS, REJECTED_DUPLICATES, "rejects/corpus"),
        )
    ),
    (
        f"SELECT count(*) FROM ({MEMBERS}) FULL JOIN ({REPRESENTED}) USING (sha256)"
        " WHERE (members, exact, near) IS DISTINCT FROM (rows, copies, alike)",
        "clusters and corpus do not agree: {} files represent others than their copies say",
    ),
    (
        "SELECT coalesce((SELECT sum(kept) FROM contest_sources), 0)::BIGINT"
        " - (SELECT count(*) FROM contest_problems)",
        "contest_sources and contest_problems do not add up: {} rows apart",
    ),
    (
        "SELECT coalesce((SELECT sum(problems - kept) FROM contest_sources), 0)::BIGINT"
        " - (SELECT count(*) FROM rejects_contests)",
        "contest_sources and rejects/contests do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) - count(DISTINCT problem_id) FROM contest_problems",
        "contest_problems: {} problems have the id of another",
    ),
    (
        'SELECT (SELECT count(DISTINCT (repo, "commit", path, line, qualname, form, is_library))'
        " FROM calls) - (SELECT count(*) FROM ci_problems)"
        " - (SELECT count(*) FROM rejects_ci WHERE path IS NOT NULL)"
        " FROM datasets WHERE name = 'calls'",
        "calls, ci_problems and rejects/ci do not add up: {} functions apart",
    ),
    (
        "SELECT (SELECT count(*) FROM corpus) - (SELECT count(DISTINCT sha256) FROM functions)"
        " - (SELECT count(*) FROM rejects_functions) FROM datasets WHERE name = 'functions'",
        "corpus, functions and rejects/functions do not add up: {} files apart",
    ),
    (
        "SELECT count(*) FROM functions WHERE coalesce(exact_duplicate_of, near_duplicate_of)"
        " NOT IN (SELECT function_id FROM functions)",
        "functions: {} rows are duplicates of a function that is not there",
    ),
    (
        "SELECT count(*) FROM secrets WHERE sha256 NOT IN (SELECT sha256 FROM corpus)",
        "secrets: {} findings are in files that are not in corpus",
    ),
    (
        f"SELECT count(*) FROM functions WHERE masked_sha256 IS NULL AND sha256 IN ({MASKED})",
        "functions: {} rows are of files in which `secrets` masks something, and have no masks",
    ),
    (
        "SELECT count(*) FROM (SELECT suite, task_id FROM hits EXCEPT"
        " SELECT suite, task_id FROM eval_tasks)",
        "hits: {} tasks are not in eval_tasks",
    ),
    (
        "SELECT count(*) FROM (SELECT dataset, sha256 FROM removed EXCEPT"
        " SELECT dataset, sha256 FROM hits WHERE verdict = 'hit')",
        "removed: {} texts have no hit",
    ),
    (
        "SELECT coalesce((SELECT sum(kept_files) FROM repositories), 0)"
        " - (SELECT count(*) FROM files)",
        "repositories and files do not add up: {} rows apart",
    ),
    (
        "SELECT coalesce(sum(python_files - kept_files), 0)::BIGINT"
        " - (SELECT count(*) FROM rejects_crawl WHERE path LIKE '%.py') FROM repositories",
        "repositories and rejects/crawl do not add up: {} rows apart",
    ),
    (
        "SELECT count(*) FROM (SELECT problem_id FROM tests EXCEPT"
        " SELECT problem_id FROM strength WHERE outcome = 'strengthened')",
        "tests: {} problems are not strengthened in strength",
    ),
    (
        "SELECT count(*) FROM (SELECT problem_id FROM verdicts_verify EXCEPT"
        " (SELECT problem_id FROM problems UNION ALL"
        " SELECT split_part(value, ' ', 1) FROM rejects_verify))",
        "verdicts/verify: {} problems are neither in problems nor in rejects/verify",
    ),
    (
        "SELECT count(*) FROM (SELECT problem_id FROM problems EXCEPT SELECT problem_id"
        " FROM verdicts_verify WHERE program = 'reference' AND passed GROUP BY 1"
        " HAVING count(*) % 5 = 0)",  # five more for each row of the same id, which is dropped
        "problems: {} problems lack five passed runs of their reference",
    ),
    (
        "SELECT count(*) - count(DISTINCT problem_id) FROM problems",
        "problems: {} problems have the id of another",
    ),
    (
        "SELECT coalesce(sum(duplicates), 0)::BIGINT - (SELECT count(*) FROM rejects_verify"
        " WHERE reason = 'duplicate') FROM problems",
        "problems and the duplicates of rejects/verify do not add up: {} rows apart",
    ),
    # Of the sources that the feed was made of, each row is an example or a reject.
    *(
        (
            f"SELECT (SELECT count(*) FROM {source}) - (SELECT count(DISTINCT source_id)"
            f" FROM examples WHERE source = '{source}') - (SELECT count(*) FROM rejects_feed"
            f" WHERE value LIKE '{source} %')"
            f" WHERE EXISTS (FROM examples WHERE source = '{source}')"
            f" OR EXISTS (FROM rejects_feed WHERE value LIKE '{source} %')",
            f"{source}, examples and rejects/feed do not add up: {{}} rows apart",
        )
        for source in SOURCES
    ),
    (
        "SELECT count(*) - count(DISTINCT (example_id, copy)) FROM examples",
        "examples: {} rows are there twice",
    ),
    (
        "SELECT count(*) FROM examples WHERE source = 'corpus' AND masked_sha256 IS NULL"
        f" AND sha256 IN ({MASKED})",
        "examples: {} files are such in which `secrets` masks something, and have no masks",
    ),
    (
        f"SELECT count(*) FROM examples JOIN ({DROPPED}) USING (source, source_id)",
        "examples: {} rows hold a secret for which they are to be dropped",
    ),
    (
        "SELECT (SELECT count(*) FROM examples) - (SELECT coalesce(sum(documents), 0)::BIGINT"
        " FROM tokens) FROM datasets WHERE name = 'tokens'",
        "examples and tokens do not add up: {} documents apart",
    ),
    (
        "SELECT coalesce(max(samples), 0)::BIGINT - (SELECT count(*) FROM verdicts_evaluate)"
        " FROM scores WHERE subset = 'all'",
        "scores and verdicts/evaluate do not add up: {} samples apart",
    ),
)


# These are as far from zero as a dataset says that removals have left them, and no row more.
LEFT = {
    "rejects/corpus: {} rows name a kept file that is not in corpus": "rejects/corpus",
    "corpus: {} files are duplicates of a file that is not there": "corpus",
    "clusters and corpus do not agree: {} files represent others than their copies say": "clusters",
    "functions: {} rows are duplicates of a function that is not there": "functions",
    "problems and the duplicates of rejects/verify do not add up: {} rows apart": "problems",
}
