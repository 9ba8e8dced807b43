-- What the crawl does not have: sources without files, and files that it could not take, by reason.
SELECT 'source' AS what, status AS why, count(*) AS count, min(source) AS example,
       arg_min(coalesce(reason, 'HTTP status ' || http_status), source) AS detail
FROM repositories WHERE status <> 'ok' GROUP BY status
UNION ALL
SELECT CASE WHEN path LIKE '%.py' THEN 'Python file' ELSE 'other file' END AS what, reason,
       count(*), min(concat_ws('/', repo, path)), arg_min(value, concat_ws('/', repo, path))
FROM rejects_crawl WHERE path IS NOT NULL GROUP BY ALL
ORDER BY what DESC, count DESC, why
