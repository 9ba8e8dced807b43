-- Projects tested as their CI does: how many went green and by which recipe, the first cause where
-- one did not, and what came of them.
WITH projects AS (
    SELECT DISTINCT repo, "commit" FROM repositories WHERE status = 'ok'
), tried AS (
    SELECT repo, "commit", count(*) AS attempts,
           arg_max(state, (chosen, -attempt)) AS state,
           arg_max(source, (chosen, -attempt)) AS source,
           arg_max(CASE WHEN state <> 'green' THEN cause END, (chosen, -attempt)) AS cause,
           arg_max(passed, (chosen, -attempt)) AS passed
    FROM environments GROUP BY repo, "commit"
), made AS (
    SELECT repo, "commit", count(*) AS problems FROM ci_problems GROUP BY repo, "commit"
), joined AS (
    SELECT coalesce(t.state, 'not tested') AS state, t.source AS recipe, t.cause,
           coalesce(t.attempts, 0) AS attempts, coalesce(t.passed, 0) AS passed,
           coalesce(m.problems, 0) AS problems
    FROM projects p
    LEFT JOIN tried t ON p.repo = t.repo AND p."commit" IS NOT DISTINCT FROM t."commit"
    LEFT JOIN made m ON p.repo = m.repo AND p."commit" IS NOT DISTINCT FROM m."commit"
)
SELECT state, recipe, cause, count(*) AS projects, sum(attempts)::BIGINT AS attempts,
       sum(passed)::BIGINT AS passed, sum(problems)::BIGINT AS problems
FROM joined
GROUP BY state, recipe, cause
ORDER BY list_position(['green', 'partly', 'failed', 'not_built', 'not tested'], state),
         projects DESC, recipe, cause
