-- weak SHARE: Which problems have tests that tell too little: those rejected for it, and those that
-- hold but kill less than this share of the mutants (such as 0.95).
WITH tried AS (
    SELECT problem_id, repo, coalesce(entry_point, slug) AS name, n_tests FROM contest_problems
    UNION ALL
    SELECT problem_id, repo, coalesce(entry_point, slug) AS name, n_tests FROM ci_problems
)
SELECT concat_ws(':', repo, name) AS problem,
       'dropped: ' || reason AS outcome, n_tests, NULL::DOUBLE AS killed,
       substr(value, length(problem_id) + 2) AS detail, problem_id
FROM (SELECT reason, value FROM rejects_verify) r
JOIN tried t ON t.problem_id = split_part(r.value, ' ', 1)
WHERE reason IN ('few_tests', 'same_output', 'weak_tests', 'trivial_passes', 'wrong_solution_passes')
UNION ALL
SELECT concat_ws(':', repo, coalesce(entry_point, slug)), 'kept', n_tests,
       round(killed, 3), format('{} mutants', mutants), problem_id
FROM problems WHERE killed < $1::DOUBLE
ORDER BY outcome = 'kept' DESC, outcome, killed, problem, problem_id
