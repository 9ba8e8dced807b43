-- The canonical solutions of the verified problems, as samples: with --out canonical.jsonl,
-- `quire evaluate canonical.jsonl --eval DATA` gives 1.0. Without those whose secrets drop them.
SELECT problem_id AS task_id, canonical_solution AS completion
FROM problems
WHERE secrets_action IS DISTINCT FROM 'drop'
