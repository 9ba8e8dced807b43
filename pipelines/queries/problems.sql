-- Problems by source, kind and rule of comparison: how many, with how many tests and solutions.
SELECT source, kind, compare, count(*) AS problems, sum(n_tests)::BIGINT AS tests,
       sum(len(solutions))::BIGINT AS solutions, count(*) FILTER (redistributable) AS redistributable
FROM (
    SELECT source, kind, compare, n_tests, solutions, redistributable FROM contest_problems
    UNION ALL
    SELECT source, kind, compare, n_tests, solutions, redistributable FROM ci_problems
)
GROUP BY source, kind, compare
ORDER BY source, problems DESC, kind, compare
