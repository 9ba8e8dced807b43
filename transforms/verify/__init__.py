"""Whether a problem can be trusted: its reference passes, and what is no solution fails.

Codex section 4.3.
"""
