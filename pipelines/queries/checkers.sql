-- Problems that plain equality does not judge: the rule, and the sentence that it comes from.
SELECT compare, source, slug, compare_origin, compare_evidence
FROM contest_problems
WHERE compare NOT IN ('exact', 'equal', 'tokens')
ORDER BY compare, source, slug, problem_id
