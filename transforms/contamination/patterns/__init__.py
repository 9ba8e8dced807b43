"""Evaluation tasks as patterns: what to look for in texts, its index, and what is too common.

- `task_patterns`: the n-grams and trees of a task
- `task_index`: those of all tasks in one file, which every worker loads
- `stoplist`, `background`: what is common in code that certainly leaks nothing, and counting it
"""
