-- How many files of the corpus each preset of `quire corpus --filters` would drop, and each of its
-- rules alone. Of `unmeasured` files a rule knows nothing before `quire corpus --signals parsed`, or
-- ruff, has measured them: then a preset may drop more. Null is what no file is measured for.
WITH files AS (
    SELECT preset, sha256, bool_or(dropped) AS dropped, bool_and(measured) AS measured,
           bool_or(measured) AS partly
    FROM preset_drops GROUP BY preset, sha256
)
SELECT preset, 'any of its rules' AS reason, NULL AS rule,
       CASE WHEN bool_or(partly) THEN count(*) FILTER (dropped) END AS dropped,
       CASE WHEN bool_or(partly) THEN round(100 * avg(dropped::INTEGER), 2) END AS percent,
       count(*) FILTER (NOT measured) AS unmeasured
FROM files GROUP BY preset
UNION ALL
SELECT preset, reason, rule, CASE WHEN bool_or(measured) THEN count(*) FILTER (dropped) END,
       CASE WHEN bool_or(measured) THEN round(100 * avg(dropped::INTEGER), 2) END,
       count(*) FILTER (NOT measured)
FROM preset_drops GROUP BY preset, place, reason, rule
ORDER BY preset, rule IS NOT NULL, dropped DESC NULLS LAST, reason
