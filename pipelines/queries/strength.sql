-- Strength of tests by source: what they kill, before and after `quire strengthen`, in percent.
-- Mutants that no input told from right are not counted; survivors are in the column of that name.
SELECT source, count(*) AS problems,
       count(*) FILTER (outcome = 'strengthened') AS strengthened,
       median(seeds) AS tests_before, median(tests) AS tests_after,
       sum(mutants - equivalent)::BIGINT AS mutants,
       round(100 * sum(killed_before) / sum(mutants - equivalent), 1) AS killed_before,
       round(100 * sum(killed_after) / sum(mutants - equivalent), 1) AS killed_after,
       sum(trivial_pass_before)::BIGINT AS trivial_pass_before,
       sum(trivial_pass_after)::BIGINT AS trivial_pass_after,
       round(100 * sum(wrong_fail_before) / nullif(sum(wrong), 0), 1) AS wrong_fail_before,
       round(100 * sum(wrong_fail_after) / nullif(sum(wrong), 0), 1) AS wrong_fail_after
FROM strength
GROUP BY source
ORDER BY source
