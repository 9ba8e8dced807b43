"""Statements of problems, HTML or Markdown, to the text that a docstring holds."""

import re
from html.parser import HTMLParser

MAX_STATEMENT = 100_000  # characters
BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "pre", "blockquote", "section", "h1", "h2",
          "h3", "h4", "h5", "h6", "dl", "dd", "dt", "figure"}  # fmt: skip
UNSEEN = {"script", "style", "svg", "video", "head", "title"}
VOID = {"img", "source", "meta", "link", "input", "hr", "br", "wbr"}
MARKUP = re.compile(r"</?(p|div|pre|code|strong|em|ul|ol|li|sup|sub|span|br|b|i|table)\b[^<>]*>")
# A lone surrogate is no text, and what a terminal obeys does not belong in a docstring.
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
SPACE = re.compile("[\xa0\u2002\u2003\u2009]")
WRAPPED = re.compile(r"[ \t]*[\t\n\r][ \t\n\r]*")


class _Text(HTMLParser):
    """Pieces of text with the line breaks of a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._as_written = self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "pre":
            self._as_written += 1
        self._break(tag)
        if tag in ("sup", "sub"):
            self.pieces.append("^" if tag == "sup" else "_")
        elif tag == "li":
            self.pieces.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "pre":
            self._as_written = max(0, self._as_written - 1)
        elif tag in ("td", "th"):
            self.pieces.append(" | ")
        self._break(tag)

    def _break(self, tag: str) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag in BLOCKS:
            self.pieces.append("\n" if tag == "tr" else "\n\n")

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._as_written:  # runs of spaces may stand inside a quoted example: they stay
            data = WRAPPED.sub(" ", data)
            data = data.lstrip(" ") if self.pieces and self.pieces[-1].endswith("\n") else data
        self.pieces.append(data)


def html_text(html: str) -> str:
    """The text of a statement in HTML: x<sup>2</sup> is x^2, an item begins with a dash."""
    parser = _Text()
    parser.feed(html[: 10 * MAX_STATEMENT])
    parser.close()
    return tidy("".join(parser.pieces))


def statement_text(text: str) -> str:
    """The text of a statement in HTML, Markdown or neither."""
    return html_text(text) if MARKUP.search(text) else tidy(text)


def tidy(text: str) -> str:
    """The same text without trailing spaces, runs of empty lines and control characters."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (SPACE.sub(" ", line).rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")[:MAX_STATEMENT]
