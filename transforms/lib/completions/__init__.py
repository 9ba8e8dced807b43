"""Completions of tasks by a model: tasks that can be run, files of samples, stop sequences."""
