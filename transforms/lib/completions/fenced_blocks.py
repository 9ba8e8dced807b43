"""Fenced blocks of Markdown as models write them: nested, quoted, never closed, or never opened."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from transforms.lib.completions.open_strings import OpenString

# A fence at the start of a line, in a list or a quotation too; then the language.
FENCE = re.compile(
    r"(?P<lead>[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$"
)
FENCE_AFTER_PROSE = re.compile(r"```(?:python|python3|py|Python)?[ \t]*$")
ON_ONE_LINE = re.compile(r"[ \t]*```(?:python3?|py)?[ \t]+(?P<code>[^`\s][^`]*)```[ \t]*$")
# Other marks around code: CodeLlama's, and those of prompts that ask for them.
TAG_FENCES = {
    "[PYTHON]": "```python",
    "[/PYTHON]": "```",
    "<code>": "```python",
    "</code>": "```",
    "<answer>": "",
    "</answer>": "",
}
# A text that begins like this may lack its first fence, with which the prompt ended.
CODE_BEGINS = re.compile(r"(?:[ \t]+\S|from \w|import \w|(?:async )?def \w|class \w|@\w)")
PYTHON = frozenset(("", "python", "python3", "py", "py3", "python2", "ipython", "pycon", "code"))


@dataclass
class FencedBlock:
    """The lines between two fences.

    fence: the one that opened it; empty if none did. lead: what stands before it on its line.
    """

    language: str
    fence: str = "```"
    lead: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def is_python(self) -> bool:
        """Whether it says that it is Python, or says nothing."""
        return self.language in PYTHON

    @property
    def text(self) -> str:
        """The lines without the indentation and the marks of quotation that the fence has."""
        if ">" in self.lead:
            lines = [line.removeprefix(">").removeprefix(" ") for line in self.lines]
        else:
            lines = [_less_indented(line, len(self.lead)) for line in self.lines]
        return "".join(f"{line}\n" for line in lines)

    def closes(self, mark: re.Match[str] | None) -> bool:
        """Whether a line with this fence ends the block."""
        if mark is None or mark["info"].strip():
            return False
        fence = mark["fence"]
        return fence[0] == self.fence[0] and len(fence) >= len(self.fence)

    def gives_way(self, mark: re.Match[str] | None) -> bool:
        """Whether a line with this fence begins another block, inside this one or after it.

        Only the fence of a language does, for the one without ends a block.
        """
        return mark is not None and _language(mark["info"]) in PYTHON - {""}


def fenced_blocks(text: str) -> list[FencedBlock]:
    r"""The blocks of a text, in order; the last may lack its closing fence.

    >>> [block.text for block in fenced_blocks("So:\n```py\nx = 1\n```\nand\n~~~\nx = 2")]
    ['x = 1\n', 'x = 2\n']
    """
    lines = [TAG_FENCES.get(line.strip(), line) for line in text.split("\n")]
    scan = _Scan(heed_strings=True)
    blocks = scan.blocks(lines)
    if scan.lost_in_string:
        blocks = _Scan(heed_strings=False).blocks(lines)
    return blocks


class _Scan:
    """One pass over lines. A fence in a docstring is none, if `heed_strings`.

    `lost_in_string` is then whether the text ended in a string, so that it was none perhaps.
    """

    def __init__(self, heed_strings: bool) -> None:
        self._heed_strings = heed_strings
        self._block: FencedBlock | None = None
        self._string = OpenString()
        self.lost_in_string = False

    def blocks(self, lines: Sequence[str]) -> list[FencedBlock]:
        """The blocks of the lines of a text."""
        first = next((line for line in lines if line.strip()), "")
        if CODE_BEGINS.match(first) and not FENCE.match(first):
            self._block = FencedBlock("")
        implied = self._block
        found = [block for line in lines for block in self._read(line)]
        if self._block is not None and self._block is not implied:
            found.append(self._block)
        self.lost_in_string = self._heed_strings and self._string.is_open
        return found

    def _read(self, line: str) -> Iterator[FencedBlock]:
        """The blocks that end with a line."""
        block, mark = self._block, FENCE.match(line)
        if block is None:
            yield from self._begin(line, mark)
        elif self._heed_strings and self._string.is_open:
            self._add(block, line)
        elif block.closes(mark):
            self._block = None
            yield block
        elif mark and block.gives_way(mark):
            yield block
            yield from self._begin(line, mark)
        elif _ends_in_fence(line) and not mark:
            self._add(block, line.rstrip()[:-3])
            self._block = None
            yield block
        else:
            self._add(block, line)

    def _add(self, block: FencedBlock, line: str) -> None:
        block.lines.append(line)
        self._string.read(line)

    def _begin(self, line: str, mark: re.Match[str] | None) -> Iterator[FencedBlock]:
        """Open a block if a line does; a block that is one line is yielded."""
        self._string = OpenString()
        if mark:
            self._block = FencedBlock(_language(mark["info"]), mark["fence"], mark["lead"])
        elif "```" in line and (whole := ON_ONE_LINE.match(line)):
            yield FencedBlock("", lines=[whole["code"]])
        elif line.count("```") == 1 and FENCE_AFTER_PROSE.search(line):
            self._block = FencedBlock("")


def _language(info: str) -> str:
    words = info.replace("{", " ").replace("}", " ").replace(",", " ").split()
    return words[0].lower().lstrip(".") if words else ""


def _ends_in_fence(line: str) -> bool:
    """Whether a line of code has the closing fence behind it."""
    code, fence, rest = line.rstrip().partition("```")
    in_string = code.count("'") % 2 or code.count('"') % 2
    return bool(code and fence) and not (rest or in_string or code.endswith("#"))


def _less_indented(line: str, width: int) -> str:
    indentation = len(line) - len(line.lstrip(" \t"))
    return line[min(indentation, width) :]
