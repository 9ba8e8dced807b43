-- Why files were dropped, how many, and an example of each reason.
SELECT stage, reason, count(*) AS files,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY stage), 2) AS percent,
       min(concat_ws('/', repo, path)) AS example,
       arg_min(value, concat_ws('/', repo, path)) AS example_value
FROM rejects
GROUP BY stage, reason
ORDER BY list_position(['crawl', 'corpus', 'functions', 'contamination'], stage), files DESC, reason
