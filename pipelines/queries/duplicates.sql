-- The files that stand for the most duplicates, how alike these are, and one of them.
WITH members AS (
    SELECT representative, round(min(similarity), 4) AS least_similarity,
           min(concat_ws('/', repo, "commit", path)) AS for_example
    FROM clusters
    WHERE kind <> 'representative'
    GROUP BY representative
)
SELECT repo, path, "commit", exact_copies, near_copies, least_similarity, for_example
FROM corpus JOIN members ON representative = sha256
WHERE exact_copies + near_copies > 0
ORDER BY exact_copies + near_copies DESC, repo, path, "commit"
LIMIT 20
