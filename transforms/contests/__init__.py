"""The contests stage: published problems to tasks with tests (Codex section 4.1)."""
