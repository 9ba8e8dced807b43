"""The bytes of a file, addressed as ast does: by lines of Python and columns in bytes of UTF-8."""

import ast
from bisect import bisect_right
from itertools import accumulate

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
Node = ast.expr | ast.stmt | ast.arg | ast.ExceptHandler


class SourceText:
    r"""The UTF-8 bytes of a file; positions are byte offsets in them.

    >>> text = "def f():\n    return 'é', 2\n"
    >>> source, function = SourceText(text), ast.parse(text).body[0]
    >>> source.begin(function.body[0]), source.end(function.body[0])
    (13, 27)
    >>> source.node_text(function.body[0])
    "return 'é', 2"
    """

    def __init__(self, text: str) -> None:
        self.content = text.encode()
        self.has_returns = "\r" in text
        # Of bytes, splitlines knows \n, \r\n and \r alone: the line breaks that Python knows.
        lengths = map(len, self.content.splitlines(keepends=True))
        self._lines = list(accumulate(lengths, initial=0))
        self.start = len(BOM.encode()) if text.startswith(BOM) else 0  # of the text that ast sees
        self._lines[0] = self.start

    def begin(self, node: Node) -> int:
        """The position of a node's first byte."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: Node) -> int:
        """The position after a node's last byte."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, begin: int, end: int) -> str:
        """The text between two positions, neither of which may be inside a character."""
        return self.content[begin:end].decode()

    def node_text(self, node: Node) -> str:
        """The text of a node as written."""
        return self.text(self.begin(node), self.end(node))

    def line(self, position: int) -> int:
        """The number of the line that holds a position, from 1."""
        return bisect_right(self._lines, position, hi=len(self._lines) - 1)

    def line_begin(self, position: int) -> int:
        """The position at which the line of a position begins."""
        return self._lines[self.line(position) - 1]

    def place(self, position: int) -> tuple[int, int]:
        """The line, from 1, and the column of a position, as ast counts them."""
        line = self.line(position)
        return line, position - self._lines[line - 1]
