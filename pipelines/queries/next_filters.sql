-- How many files of the corpus each preset of `quire corpus --filters` would drop, and each of its
-- rules alone. Unmeasured files, for which --signals parsed or ruff is needed, are not dropped.
WITH files AS (
    SELECT preset, sha256, bool_or(dropped) AS dropped, bool_and(measured) AS measured
    FROM preset_drops GROUP BY preset, sha256
)
SELECT preset, 'any of its rules' AS reason, NULL AS rule, count(*) FILTER (dropped) AS dropped,
       round(100 * avg(dropped::INTEGER), 2) AS percent, count(*) FILTER (NOT measured) AS unmeasured
FROM files GROUP BY preset
UNION ALL
SELECT preset, reason, rule, count(*) FILTER (dropped), round(100 * avg(dropped::INTEGER), 2),
       count(*) FILTER (NOT measured)
FROM preset_drops GROUP BY preset, place, reason, rule
ORDER BY preset, rule IS NOT NULL, dropped DESC, reason
