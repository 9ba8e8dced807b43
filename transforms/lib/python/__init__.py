"""Python source of strangers: parsed, taken apart, its literals read; it is never executed."""
