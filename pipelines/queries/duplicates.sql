-- The kept files that stand for the most duplicates, and one file that each replaced.
SELECT repo, path, "commit", exact_copies, near_copies,
       (SELECT min(concat_ws('/', r.repo, r."commit", r.path))
        FROM rejects_corpus r WHERE r.kept_sha256 = c.sha256) AS for_example
FROM corpus c
WHERE exact_copies + near_copies > 0
ORDER BY exact_copies + near_copies DESC, repo, path, "commit"
LIMIT 20
