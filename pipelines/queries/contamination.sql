-- Which evaluation tasks the checked texts hold, where, and by which evidence.
SELECT suite, task_id, dataset, concat_ws('/', repo, "commit", path) AS place, "function",
       min(line_start) AS line_start, max(line_end) AS line_end,
       string_agg(channel, '' ORDER BY position(channel IN 'DTCANSRX')) AS channels,
       round(max(score) FILTER (WHERE channel NOT IN ('N', 'S', 'X')), 3) AS score, verdict
FROM hits
GROUP BY ALL
ORDER BY verdict, length(channels) DESC, score DESC, suite, task_id, place, "function"
