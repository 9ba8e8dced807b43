"""What a problem is made of: statement, signature, tests, compare rule. Nothing is executed."""
