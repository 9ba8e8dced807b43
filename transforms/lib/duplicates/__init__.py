"""Exact and near duplicates: MinHash, bands, verified edges, and who stands for whom."""
