"""The report of a check: evidence, the self-test, and the page for people."""
