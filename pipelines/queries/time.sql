-- Where the time went: all runs of each stage together, the share of all time, how many cores were
-- busy, and how many megabytes of what it reads it took a second.
SELECT stage, count(*) AS runs, sum(wall_seconds) AS seconds,
       (100 * sum(wall_seconds) / sum(sum(wall_seconds)) OVER ())::INTEGER AS percent,
       sum(cpu_seconds) AS cpu,
       sum(cpu_seconds) / sum(wall_seconds) FILTER (cpu_seconds IS NOT NULL) AS cores,
       sum(bytes_read) / 1e6 AS mb_read,
       sum(bytes_read) / 1e6 / sum(wall_seconds) FILTER (bytes_read IS NOT NULL) AS mb_s
FROM runs
GROUP BY stage
ORDER BY seconds DESC, stage
