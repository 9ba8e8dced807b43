-- Where every file and problem went, stage by stage: what came in is what was dropped and what was kept.
WITH steps AS (
    SELECT 'crawl' AS stage, 1 AS place, 'Python files seen' AS step,
           (SELECT coalesce(sum(python_files), 0)::BIGINT FROM repositories) AS files
    UNION ALL
    SELECT 'crawl', 2, 'dropped: ' || reason, -count(*) FROM rejects_crawl
    WHERE path LIKE '%.py' GROUP BY reason
    UNION ALL
    SELECT 'crawl', 3, 'kept in files', (SELECT count(*) FROM files)
    UNION ALL
    SELECT 'corpus', 1, 'files read', (SELECT count(*) FROM signals)
    UNION ALL
    SELECT 'corpus', CASE reason WHEN 'exact_duplicate' THEN 3 WHEN 'near_duplicate' THEN 4 ELSE 2 END,
           'dropped: ' || reason, -count(*) FROM rejects_corpus GROUP BY reason
    UNION ALL
    SELECT 'corpus', 5, 'kept in corpus', (SELECT count(*) FROM corpus)
    UNION ALL
    SELECT 'functions', 1, 'files read', count(*) FROM corpus
    WHERE 'functions' IN (SELECT name FROM datasets)
    UNION ALL
    SELECT 'functions', 2, 'dropped: ' || reason, -count(*) FROM rejects_functions GROUP BY reason
    UNION ALL
    SELECT 'functions', 5, 'files with functions',
           (SELECT count(DISTINCT sha256) FROM functions)
    UNION ALL
    SELECT 'contests', 1, 'problems seen',
           (SELECT coalesce(sum(problems), 0)::BIGINT FROM contest_sources)
    UNION ALL
    SELECT 'contests', 2, 'dropped: ' || reason, -count(*) FROM rejects_contests GROUP BY reason
    UNION ALL
    SELECT 'contests', 3, 'problems kept', (SELECT count(*) FROM contest_problems)
    UNION ALL
    SELECT 'ci', 1, 'projects seen', count(DISTINCT (repo, "commit", archive_sha256))
    FROM repositories WHERE status = 'ok' AND 'ci_problems' IN (SELECT name FROM datasets)
    UNION ALL
    SELECT 'ci', 2, 'dropped: ' || reason, -count(*) FROM rejects_ci
    WHERE path IS NULL AND reason <> 'unreadable_configuration' GROUP BY reason
    UNION ALL
    SELECT 'ci', 3, 'projects with calls',
           (SELECT count(DISTINCT (repo, "commit")) FROM calls)
    UNION ALL
    SELECT 'ci', 4, 'functions called',
           (SELECT count(DISTINCT (repo, "commit", path, line, qualname, form, is_library)) FROM calls)
    UNION ALL
    SELECT 'ci', 5, 'dropped: ' || reason, -count(*) FROM rejects_ci
    WHERE path IS NOT NULL GROUP BY reason
    UNION ALL
    SELECT 'ci', 6, 'problems kept', (SELECT count(*) FROM ci_problems)
    UNION ALL
    SELECT 'verify', 1, 'problems tried', count(*)
    FROM (SELECT problem_id FROM contest_problems UNION ALL SELECT problem_id FROM ci_problems)
    WHERE 'problems' IN (SELECT name FROM datasets)
    UNION ALL
    SELECT 'verify', 2, 'dropped: ' || reason, -count(*) FROM rejects_verify GROUP BY reason
    UNION ALL
    SELECT 'verify', 3, 'problems that hold', (SELECT count(*) FROM problems)
    UNION ALL
    SELECT 'feed', 1, 'rows read: ' || source, count(*)
    FROM (SELECT source FROM examples WHERE copy = 0 UNION ALL
          SELECT split_part(value, ' ', 1) FROM rejects_feed)
    GROUP BY source
    UNION ALL
    SELECT 'feed', 2, 'dropped: ' || reason, -count(*) FROM rejects_feed GROUP BY reason
    UNION ALL
    SELECT 'feed', 3, 'further copies', count(*) FROM examples WHERE copy > 0
    UNION ALL
    SELECT 'feed', 4, 'examples', (SELECT count(*) FROM examples)
)
SELECT stage, step, files FROM steps
WHERE files <> 0 OR step LIKE 'kept%'
ORDER BY list_position(['crawl', 'corpus', 'functions', 'contests', 'ci', 'verify', 'feed'], stage),
         place, files, step
