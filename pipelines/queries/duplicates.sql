-- The kept files that stand for the most duplicates, and one file that each replaced.
SELECT c.repo, c.path, c."commit", c.exact_copies, c.near_copies,
       min(concat_ws('/', r.repo, r."commit", r.path)) AS for_example
FROM corpus c
JOIN rejects_corpus r ON r.kept_sha256 = c.sha256
GROUP BY ALL
ORDER BY c.exact_copies + c.near_copies DESC, c.repo, c.path
LIMIT 20
