-- The files of tokens by source: how many tokens, and what tokens for runs of blanks save of them.
SELECT tokenizer, split, source, sum(documents)::BIGINT AS documents, sum(tokens)::BIGINT AS tokens,
       sum(loss_tokens)::BIGINT AS loss_tokens,
       round(sum(text_bytes) / sum(tokens), 2) AS bytes_per_token,
       round(100 * sum(saved_tokens) / sum(tokens + saved_tokens), 1) AS saved_percent,
       round(2048 * sum(text_bytes) / sum(tokens))::BIGINT AS bytes_in_2048,
       round(2048 * sum(text_bytes) / sum(tokens + saved_tokens))::BIGINT AS without_saving
FROM tokens
GROUP BY tokenizer, split, source
ORDER BY tokenizer, split, source
