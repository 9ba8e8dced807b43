-- How large the kept files are, by split.
SELECT split, count(*) AS files, round(sum(size) / 1e6, 2) AS mb,
       quantile_disc(size, 0.5) AS median_bytes, quantile_disc(size, 0.9) AS p90_bytes,
       max(size) AS max_bytes, quantile_disc(lines, 0.5) AS median_lines,
       round(quantile_cont(mean_line, 0.5), 1) AS median_mean_line
FROM corpus
GROUP BY split
ORDER BY split
