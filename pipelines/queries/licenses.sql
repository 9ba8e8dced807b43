-- Under which licences the kept files stand.
SELECT coalesce(licence_spdx, 'NOASSERTION') AS licence, count(DISTINCT repo) AS repos,
       count(*) AS files, round(sum(size) / 1e6, 2) AS mb
FROM corpus
GROUP BY 1
ORDER BY files DESC, licence
