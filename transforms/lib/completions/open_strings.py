"""Whether a line of a text begins inside a triple-quoted string, found without parsing."""

import re

TRIPLE_QUOTES = re.compile(r"\\.|\"\"\"|'''")


class OpenString:
    """Follows a text line by line. Cheap, and right for nearly all that people and models write."""

    def __init__(self) -> None:
        self._quotes = ""

    @property
    def is_open(self) -> bool:
        """Whether what was read so far ends inside a triple-quoted string."""
        return bool(self._quotes)

    def read(self, line: str) -> None:
        """Take note of the quotes of the next line."""
        if '"""' not in line and "'''" not in line:
            return
        for mark in TRIPLE_QUOTES.findall(line):
            if mark == self._quotes:
                self._quotes = ""
            elif not self._quotes and not mark.startswith("\\"):
                self._quotes = mark
