"""n-grams of words and tokens, and syntax trees: what texts are compared by."""
