-- What may be published: rows by dataset and split, under which kind of licence, and how many hold
-- secrets of high confidence or evaluation tasks; null where nobody has looked.
-- Permissive means that all licences of the expression are, as the query `permissive` lists them.
WITH texts AS (
    SELECT 'corpus' AS "dataset", split, licence_spdx, sha256 AS text,
           sha256 IN (SELECT sha256 FROM secrets WHERE confidence = 'high') AS has_secrets
    FROM corpus
    UNION ALL
    SELECT 'functions', split, licence_spdx, concat_ws('|', repo, "commit", path, qualname),
           len(secret_kinds) > 0
    FROM functions
    UNION ALL
    SELECT 'examples', split, licence_spdx,
           coalesce(CASE WHEN source = 'corpus' THEN sha256 END,
                    concat_ws('|', repo, "commit", path, name)),
           len(secret_kinds) > 0
    FROM examples
    UNION ALL
    SELECT 'problems', NULL, licence_spdx, concat_ws('|', repo, "commit", path, entry_point),
           len(secret_kinds) > 0
    FROM problems
), leaks AS (
    SELECT sha256 AS text FROM hits WHERE verdict = 'hit' AND "dataset" = 'corpus'
    UNION
    SELECT concat_ws('|', repo, "commit", path, "function") FROM hits WHERE verdict = 'hit'
), judged AS (
    SELECT *, text IN (FROM leaks) AS has_task,
           CASE WHEN coalesce(licence_spdx, '') IN ('', 'NOASSERTION', 'NONE') THEN 'none'
                WHEN list_has_all((SELECT list(licence_spdx) FROM permissive_licences),
                                  list_filter(regexp_extract_all(licence_spdx, '[A-Za-z0-9.+-]+'),
                                              lambda id: id NOT IN ('AND', 'OR'))) THEN 'permissive'
                ELSE 'other' END AS licence
    FROM texts
)
SELECT "dataset", split, count(*) AS "rows", count_if(licence = 'permissive')::BIGINT AS permissive,
       count_if(licence = 'other')::BIGINT AS other, count_if(licence = 'none')::BIGINT AS no_licence,
       CASE WHEN 'secrets' IN (SELECT name FROM datasets)
            THEN count_if(has_secrets)::BIGINT END AS with_secrets,
       CASE WHEN 'hits' IN (SELECT name FROM datasets)
            THEN count_if(has_task)::BIGINT END AS contaminated
FROM judged
GROUP BY "dataset", split
ORDER BY list_position(['corpus', 'functions', 'examples', 'problems'], "dataset"), split
