"""What texts are compared by: n-grams of words and of code tokens, and canonical syntax trees.

- `words`, `raw_tokens`, `code_tokens`: a text as words, as Python tokens, as normalised tokens
- `ngrams`: words and normalised tokens as hashes of n-grams
- `gram_table`, `first_pass`: which texts of a batch share enough n-grams with which task
- `enclosing_functions`, `canonical_trees`: the functions around a place, and their trees compared
"""
