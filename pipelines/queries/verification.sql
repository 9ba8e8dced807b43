-- Problems by source: how many hold, and why the others do not.
WITH judged AS (
    SELECT problem_id, 'holds' AS reason FROM problems
    UNION ALL
    SELECT split_part(value, ' ', 1), reason FROM rejects_verify
),
tried AS (
    SELECT problem_id, source FROM contest_problems UNION SELECT problem_id, source FROM ci_problems
)
SELECT p.source, j.reason, count(*) AS problems,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY p.source), 1) AS percent
FROM judged j JOIN tried p USING (problem_id)
GROUP BY p.source, j.reason
ORDER BY p.source, j.reason <> 'holds', problems DESC, j.reason
