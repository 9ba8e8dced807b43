"""Evaluation tasks as patterns, their index, and the stoplist of what is common."""
