"""Problems as judges publish them: a statement, examples, solutions and tests as values."""
