"""Repositories by git's own protocol: one commit, fetched in part, kept as one tar."""
