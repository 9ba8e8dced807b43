-- Each run of a stage that has committed: when, how long (wall and CPU), the memory of its largest
-- process, and the rows and megabytes that it wrote; null is what only a cluster knows.
SELECT stage, strftime(started_at, '%m-%d %H:%M') AS began,
       round(wall_seconds, 2) AS seconds, round(cpu_seconds, 2) AS cpu_seconds, (peak_memory / 1e6)::INTEGER AS peak_mb,
       list_sum(list_transform(written, lambda each: each.rows))::BIGINT AS rows,
       round(list_sum(list_transform(written, lambda each: each.bytes)) / 1e6, 2) AS mb,
       coalesce(list_sum(list_transform(rejects, lambda each: each.rows)), 0)::BIGINT AS dropped
FROM runs
ORDER BY run
