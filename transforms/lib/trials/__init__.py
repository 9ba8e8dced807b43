"""Programs tried on the tests of a problem in the sandbox, for strengthen, verify and evaluate."""
