"""Exact and near duplicates: MinHash, bands, components of candidates, and representatives."""

# Rounds of star contraction: enough for a chain of 1,000 files; 83 real releases needed four.
ROUNDS = 10
# Names of how files are shingled and signed: part of every configuration that depends on it.
SHINGLE_SCHEME = "word5-utf8-fnv1a-fmix64-2"
MINHASH_SCHEME = "datasketch-affine32"
