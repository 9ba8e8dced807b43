-- representative FILE: Which file of the corpus stands for a duplicate, and how alike the two are.
-- FILE is its path, the end of its path, repo/path, or its sha256 or the beginning of that.
SELECT concat_ws('/', d.repo, d.path) AS file, d."commit", d.kind, round(d.similarity, 4) AS similarity,
       concat_ws('/', r.repo, r.path) AS representative, r."commit" AS its_commit,
       r.licence_spdx AS its_licence
FROM clusters d JOIN corpus r ON r.sha256 = d.representative
WHERE d.kind <> 'representative' AND r.duplicate_of IS NULL
      AND (d.path = $1 OR ends_with(d.path, '/' || $1) OR d.repo || '/' || d.path = $1
           OR (length($1) >= 8 AND starts_with(d.sha256, lower($1))))
ORDER BY file, d."commit"
