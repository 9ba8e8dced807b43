"""Completions of a model: samples, log-probabilities and stop sequences."""
