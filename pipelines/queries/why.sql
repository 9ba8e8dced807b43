-- why FILE: What every stage has made of a file, and why it was dropped. FILE is its path, the end
-- of its path, repo/path, or its sha256 or the beginning of that (8 digits or more).
WITH rows AS (
    SELECT 'crawl' AS stage, repo, path, "commit", sha256, 'kept' AS outcome,
           licence_spdx AS detail, NULL AS kept_sha256
    FROM files
    UNION ALL
    SELECT stage, repo, path, "commit", sha256, 'dropped: ' || reason,
           CASE WHEN reason IN ('exact_duplicate', 'near_duplicate')
                THEN 'similarity ' || value ELSE value END,
           kept_sha256
    FROM rejects WHERE stage IN ('crawl', 'corpus', 'functions', 'contamination', 'feed')
    UNION ALL
    SELECT 'corpus', repo, path, "commit", sha256, 'kept',
           split || CASE WHEN exact_copies + near_copies > 0
                         THEN format(', stands for {} more', exact_copies + near_copies) ELSE '' END,
           duplicate_of
    FROM corpus
    UNION ALL
    SELECT 'secrets', repo, path, "commit", sha256, action || ': ' || kind,
           format('{} with {} confidence', count(*), confidence), NULL
    FROM secrets GROUP BY repo, path, "commit", sha256, action, kind, confidence
    UNION ALL
    SELECT 'functions', repo, path, "commit", sha256, 'kept', format('{} functions', count(*)), NULL
    FROM functions GROUP BY repo, path, "commit", sha256
    UNION ALL
    SELECT 'contamination', repo, path, "commit", sha256, verdict,
           string_agg(DISTINCT suite || ':' || task_id, ' ' ORDER BY suite || ':' || task_id), NULL
    FROM hits WHERE dataset = 'corpus' GROUP BY repo, path, "commit", sha256, verdict
    UNION ALL
    SELECT 'feed', repo, path, "commit", sha256, 'kept', format('{} from {}', count(*), source), NULL
    FROM examples WHERE copy = 0 GROUP BY repo, path, "commit", sha256, source
), found AS (
    SELECT *, split_part(detail, ' ', 1) AS source
    FROM rows
    WHERE path = $1 OR ends_with(path, '/' || $1) OR repo || '/' || path = $1
          OR (length($1) >= 8 AND starts_with(sha256, lower($1)))
), steps AS (
    SELECT stage, repo, path, "commit", outcome, kept_sha256,
           CASE WHEN stage = 'feed' AND outcome <> 'kept'
                THEN regexp_replace(detail, '^corpus \S+ ?', '') ELSE detail END AS detail
    FROM found
    WHERE stage <> 'feed' OR outcome = 'kept' OR source = 'corpus'
    UNION ALL
    SELECT stage, repo, path, "commit", outcome, NULL, format('{} from {}', count(*), source)
    FROM found WHERE stage = 'feed' AND outcome <> 'kept' AND source <> 'corpus'
    GROUP BY stage, repo, path, "commit", outcome, source
)
SELECT concat_ws('/', repo, path) AS file, "commit", stage, outcome, detail,
       (SELECT min(concat_ws('/', repo, path) || ' ' || "commit") FROM corpus c
        WHERE c.sha256 = kept_sha256) AS instead
FROM steps
UNION ALL
SELECT $1, NULL, 'crawl', 'not there', 'see the query missed', NULL
WHERE NOT EXISTS (FROM steps)
ORDER BY file, "commit", list_position(['crawl', 'corpus', 'secrets', 'functions', 'contamination',
         'feed'], stage), outcome, detail
