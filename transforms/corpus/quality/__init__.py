"""Quality signals of files: what is told lexically, by parsing, and by ruff."""
