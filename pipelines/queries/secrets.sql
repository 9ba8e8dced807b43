-- Secrets and personal data by the rule that found them: how often, how many different values, how
-- many of them in tests or documentation. Policies act on those of high confidence.
SELECT kind, rule, confidence, count(*) AS findings,
       count(DISTINCT fingerprint) AS "values", count(DISTINCT sha256) AS files,
       count(*) FILTER (is_test) AS in_tests,
       string_agg(DISTINCT action, ', ' ORDER BY action) AS action
FROM secrets
GROUP BY kind, rule, confidence
ORDER BY confidence, findings DESC, kind, rule
