-- Which tests and problems do not give the same every time, and why that is known.
-- Of projects: tests that passed once and failed once, and functions whose recorded calls do not
-- give the same when they are called again. Of problems: those that `verify` dropped as unstable,
-- and those that lost made tests for it.
SELECT 'test of a project' AS what, repo, test, coalesce(cause, 'left out of the recording') AS why
FROM (
    SELECT repo, "commit", attempt, cause, unnest(tests_failed) AS test FROM environments
    WHERE cause IN ('not_stable', 'tracer_changes_tests') OR (state = 'green' AND chosen)
)
UNION
SELECT 'function of a project', repo, path || ':' || split_part(value, ' ', 1),
       regexp_replace(value, '^\S+ (\d+) of (\d+) calls$', '\1 of \2 recorded calls gave the same again')
FROM rejects_ci WHERE reason = 'does_not_replay'
UNION
SELECT 'problem', coalesce(c.repo, i.repo), coalesce(c.entry_point, i.entry_point, c.slug), value
FROM rejects_verify r
LEFT JOIN contest_problems c ON c.problem_id = split_part(r.value, ' ', 1)
LEFT JOIN ci_problems i ON i.problem_id = split_part(r.value, ' ', 1)
WHERE reason = 'unstable'
UNION
SELECT 'made tests of a problem', repo, entry_point, format('{} left out', unstable_tests)
FROM problems WHERE unstable_tests > 0
ORDER BY what, repo, test
