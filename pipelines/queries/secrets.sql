-- Secrets and personal data by what they were found by; policies act on those of high confidence.
SELECT kind, rule, confidence, count(*) AS findings,
       count(DISTINCT fingerprint) AS values_found, count(DISTINCT sha256) AS files,
       count(*) FILTER (is_test) AS in_tests_and_docs,
       string_agg(DISTINCT action, ', ' ORDER BY action) AS actions,
       min(concat_ws('/', repo, path) || ':' || line) AS example
FROM secrets
GROUP BY kind, rule, confidence
ORDER BY confidence, findings DESC, kind, rule
