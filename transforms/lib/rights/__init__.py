"""Who has opted out, and what was removed from DATA: lists, the log of removals, their commit."""
