"""Batches of text as flat buffers, and the hashes and characters that compiled kernels share."""
