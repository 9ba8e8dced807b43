"""Python source of strangers: parsed, split into tokens and scopes, never evaluated."""
