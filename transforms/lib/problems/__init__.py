"""Parts of a problem: description, prompt, solutions, tests, compare rule. Nothing is executed."""
