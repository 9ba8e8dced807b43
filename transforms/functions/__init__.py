"""Functions with docstrings: found by ast, cut by bytes, gated before any parser sees them."""
