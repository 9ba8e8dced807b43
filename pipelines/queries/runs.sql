-- Where the time went: each run of a stage, the newest last, with what it read, wrote and dropped.
SELECT run, stage, strftime(started_at, '%Y-%m-%d %H:%M') AS began_utc,
       wall_seconds AS seconds,
       (100 * wall_seconds / sum(wall_seconds) OVER ())::INTEGER AS percent_of_time,
       cpu_seconds, workers,
       (peak_memory / 1e6)::INTEGER AS peak_mb,
       units, resumed_units AS resumed, rows_read,
       list_sum(list_transform(written, lambda each: each.rows))::BIGINT AS rows_written,
       bytes_read / 1e6 AS mb_read,
       list_sum(list_transform(written, lambda each: each.bytes)) / 1e6 AS mb_written,
       bytes_read / 1e6 / wall_seconds AS mb_per_second,
       coalesce(list_sum(list_transform(rejects, lambda each: each.rows)), 0)::BIGINT AS rejected
FROM runs
ORDER BY run
