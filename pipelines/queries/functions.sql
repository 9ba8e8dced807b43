-- Functions with docstrings by kind: how many, and how many are left by the usual choices.
SELECT kind, count(*) AS functions,
       count(*) FILTER (exact_duplicate_of IS NULL AND near_duplicate_of IS NULL) AS no_duplicates,
       count(*) FILTER (NOT is_test AND NOT is_dunder AND NOT body_is_stub) AS usual,
       count(*) FILTER (coalesce(docstring_language, 'en') = 'en') AS english,
       count(*) FILTER (has_return) AS with_return,
       median(lines)::BIGINT AS median_lines, median(docstring_words)::BIGINT AS median_docstring_words
FROM functions
GROUP BY kind
ORDER BY functions DESC, kind
