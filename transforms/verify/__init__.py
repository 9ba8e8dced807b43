"""Whether a problem is one: its reference holds, what is no solution fails (Codex section 4.3)."""
