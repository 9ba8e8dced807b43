-- Problems by format, kind and rule of comparison: how many, with how many tests and solutions.
SELECT source, kind, compare, count(*) AS problems, sum(n_tests)::BIGINT AS tests,
       sum(len(solutions))::BIGINT AS solutions, count(*) FILTER (redistributable) AS redistributable
FROM contest_problems
GROUP BY source, kind, compare
ORDER BY source, problems DESC, kind, compare
