-- What may be published: rows by dataset and split, under which kind of licence, and how many hold
-- secrets of high confidence that no mask hides, or evaluation tasks; null where nobody has looked.
-- A row hides what it was made with masks for: one made before `secrets --policy mask` hides nothing.
-- Clean are rows with a permissive licence that hold neither, of problems those whose statement
-- may be passed on.
-- Permissive means that all licences of the expression are, as the query `permissive` lists them.
WITH masked AS (
    SELECT coalesce(list(DISTINCT kind), []::VARCHAR[]) AS kinds FROM secrets WHERE action = 'mask'
), texts AS (
    SELECT 'corpus' AS "dataset", split, licence_spdx, sha256 AS text,
           sha256 IN (SELECT sha256 FROM secrets WHERE confidence = 'high') AS has_secrets,
           true AS redistributable
    FROM corpus
    UNION ALL
    SELECT 'functions', split, licence_spdx, concat_ws('|', repo, "commit", path, qualname),
           NOT list_has_all(CASE WHEN masked_sha256 IS NULL THEN [] ELSE (SELECT kinds FROM masked) END,
                            secret_kinds), true
    FROM functions
    UNION ALL
    SELECT 'examples', split, licence_spdx,
           coalesce(CASE WHEN source = 'corpus' THEN sha256 END,
                    concat_ws('|', repo, "commit", path, name)),
           NOT list_has_all(CASE WHEN masked_sha256 IS NULL AND source <> 'problems' THEN []
                                 ELSE (SELECT kinds FROM masked) END, secret_kinds), true
    FROM examples
    UNION ALL
    SELECT 'problems', NULL, licence_spdx, concat_ws('|', repo, "commit", path, entry_point),
           NOT list_has_all(CASE WHEN secrets_action = 'mask' THEN (SELECT kinds FROM masked)
                                 ELSE [] END, secret_kinds), redistributable
    FROM problems
), leaks AS (
    SELECT sha256 AS text FROM hits WHERE verdict = 'hit' AND "dataset" = 'corpus'
    UNION
    SELECT concat_ws('|', repo, "commit", path, "function") FROM hits WHERE verdict = 'hit'
), looked AS (
    SELECT coalesce(bool_or(name = 'secrets'), false) AS searched,
           coalesce(bool_or(name = 'hits'), false) AS compared
    FROM datasets
), judged AS (
    SELECT *, text IN (FROM leaks) AS has_task,
           CASE WHEN coalesce(licence_spdx, '') IN ('', 'NOASSERTION', 'NONE') THEN 'none'
                WHEN list_has_all((SELECT list(licence_spdx) FROM permissive_licences),
                                  list_filter(regexp_extract_all(licence_spdx, '[A-Za-z0-9.+-]+'),
                                              lambda id: id NOT IN ('AND', 'OR'))) THEN 'permissive'
                ELSE 'other' END AS licence
    FROM texts
)
SELECT "dataset", split, count(*) AS "rows",
       CASE WHEN searched AND compared
            THEN count_if(licence = 'permissive' AND NOT coalesce(has_secrets, false)
                          AND NOT has_task AND redistributable)::BIGINT END AS clean,
       count_if(licence = 'permissive')::BIGINT AS permissive,
       count_if(licence = 'other')::BIGINT AS other, count_if(licence = 'none')::BIGINT AS no_licence,
       CASE WHEN searched THEN count_if(has_secrets)::BIGINT END AS secrets,
       CASE WHEN compared THEN count_if(has_task)::BIGINT END AS contaminated
FROM judged, looked
GROUP BY "dataset", split, searched, compared
ORDER BY list_position(['corpus', 'functions', 'examples', 'problems'], "dataset"), split
