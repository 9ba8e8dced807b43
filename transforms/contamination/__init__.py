"""Evaluation tasks in training data: channels of evidence, verdicts, and the report."""
