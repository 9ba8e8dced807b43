-- The canonical solutions of the verified problems, as samples: with --out canonical.jsonl,
-- `quire evaluate canonical.jsonl --eval DATA` gives 1.0.
SELECT problem_id AS task_id, canonical_solution AS completion
FROM problems
