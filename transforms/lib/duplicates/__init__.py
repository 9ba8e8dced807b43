"""Exact and near duplicates: MinHash, bands, verified edges, and who stands for whom."""

ROUNDS = 10  # of stars: a chain of a thousand files needs them, 83 real releases four
# Names of how files are shingled and signed: part of every configuration that depends on it.
SHINGLE_SCHEME = "word5-fnv1a-fmix64-1"
MINHASH_SCHEME = "datasketch-affine32"
