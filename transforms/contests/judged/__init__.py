"""How problems are made of statements, solutions as judges take them, examples and tests."""
