-- Which evaluation tasks the checked texts hold, where (lines of a file), and by which evidence: D
-- documentation, T tests, C code, A syntax tree, N name, S signature, R repository, X exact text.
SELECT CASE WHEN starts_with(lower(task_id), lower(suite)) THEN task_id
            ELSE suite || ':' || task_id END AS task, verdict,
       string_agg(channel, '' ORDER BY position(channel IN 'DTCANSRX')) AS evidence,
       round(max(score) FILTER (WHERE channel NOT IN ('N', 'S', 'X')), 3) AS score, dataset,
       concat_ws('/', repo, path)
       || coalesce(format(':{}-{}', min(line_start), max(line_end)), '') AS place, "commit"
FROM hits
GROUP BY suite, task_id, verdict, dataset, repo, path, "commit", "function"
ORDER BY verdict, length(evidence) DESC, score DESC, task, place, dataset, "function"
