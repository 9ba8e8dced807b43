-- Where the time went: all runs of each stage together, the share of all time, how many cores were
-- busy, and how many megabytes of what it reads it took a second.
SELECT stage, count(*) AS runs, round(sum(wall_seconds), 2) AS seconds,
       (100 * sum(wall_seconds) / sum(sum(wall_seconds)) OVER ())::INTEGER AS percent,
       round(sum(cpu_seconds), 2) AS cpu_seconds,
       round(sum(cpu_seconds) / sum(wall_seconds) FILTER (cpu_seconds IS NOT NULL), 2) AS cores,
       round(sum(bytes_read) / 1e6, 2) AS mb_read,
       round(sum(bytes_read) / 1e6 / sum(wall_seconds) FILTER (bytes_read IS NOT NULL), 2)
           AS mb_per_second
FROM runs
GROUP BY stage
ORDER BY seconds DESC, stage
