"""A file's text as ast counts it: lines by Python's line breaks, columns in bytes of UTF-8."""

import ast
from bisect import bisect_right
from itertools import accumulate

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
Node = ast.expr | ast.stmt | ast.arg


class Source:
    """The bytes of a file, cut at the nodes of its tree."""

    def __init__(self, text: str) -> None:
        self.content = text.encode()
        # Of bytes, splitlines knows \n, \r\n and \r alone: the line breaks that Python knows.
        lengths = map(len, self.content.splitlines(keepends=True))
        self._lines = list(accumulate(lengths, initial=0))
        if text.startswith(BOM):
            self._lines[0] = len(BOM.encode())

    def begin(self, node: Node) -> int:
        """Where a node begins."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: Node) -> int:
        """Where a node ends."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, begin: int, end: int) -> str:
        """A slice; its bounds never part a character."""
        return self.content[begin:end].decode()

    def of(self, node: Node) -> str:
        """A node as written."""
        return self.text(self.begin(node), self.end(node))

    def line(self, at: int) -> int:
        """The line of a place, from 1."""
        return bisect_right(self._lines, at, hi=len(self._lines) - 1)

    def line_begin(self, at: int) -> int:
        """Where the line of a place begins."""
        return self._lines[self.line(at) - 1]
