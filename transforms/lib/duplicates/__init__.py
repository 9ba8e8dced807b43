"""Exact and near duplicates: MinHash, bands, components of candidates, and representatives."""
