"""The text of a statement in HTML or Markdown, as a docstring holds it."""

import re
from html import unescape

MAX_STATEMENT = 100_000  # characters
MAX_HTML = 300_000  # characters; what follows is not read
BLOCK_TAGS = {
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "tr",
    "pre",
    "blockquote",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dl",
    "dd",
    "dt",
    "figure",
}
UNSEEN_TAGS = {"script", "style", "svg", "video", "head", "title"}
TAG_TEXT = {"br": "\n", "sup": "^", "sub": "_", "li": "\n- "}  # what an opening tag becomes
OPERATION = re.compile(r"\w\s*[-+*/]\s*\w")
TAG = re.compile(r"<(?P<end>/?)(?P<tag>[A-Za-z][A-Za-z0-9]*)[^<>]*>")
MARKUP = re.compile(r"</?(p|div|pre|code|strong|em|ul|ol|li|sup|sub|span|br|b|i|table)\b[^<>]*>")
# Control characters, which do not belong in a docstring, and lone surrogates, which are no text.
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
SOFT_HYPHEN = re.compile("\xad ?")  # where a word was broken at the end of a line
# An image of Markdown, which is gone from a text, with its line if it is all of it.
IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\s]{1,500}\)")
SPACE = re.compile("[\xa0\u2002\u2003\u2009]")
BLANKS = re.compile(r"[ \t\n\r]+")


def html_text(html: str) -> str:
    """The text of a statement in HTML.

    Tags are found by a pattern that is linear in the text; what is no tag is text.

    >>> print(html_text("<p>Return <code>x</code><sup>2</sup>:</p><ul><li>x &lt; 9</li></ul>"))
    Return x^2:
    <BLANKLINE>
    - x < 9
    """
    pieces, unseen, as_written, at = list[str](), 0, 0, 0
    exponent: int | None = None  # where the one begins that is open
    html = _uncommented(html[:MAX_HTML])
    for match in TAG.finditer(html):
        if not unseen:
            pieces.append(_text(html[at : match.start()], pieces, as_written > 0))
        at = match.end()
        tag, opens = match["tag"].lower(), not match["end"]
        if tag in UNSEEN_TAGS:
            unseen = max(0, unseen + (1 if opens else -1))
        elif tag == "pre":
            as_written = max(0, as_written + (1 if opens else -1))
        pieces.append(_break(tag, opens) if not unseen else "")
        if tag == "sup":
            if exponent is not None:
                pieces[exponent:] = _grouped(pieces[exponent:])
            exponent = len(pieces) if opens else None
    pieces.append(_text(html[at:], pieces, as_written > 0) if not unseen else "")
    return tidy("".join(pieces))


def _grouped(exponent: list[str]) -> list[str]:
    """The text of an exponent, in parentheses where it is more than a number or a name."""
    text = "".join(exponent)
    return ["(", text, ")"] if OPERATION.search(text) and text[0] != "(" else exponent


def _uncommented(html: str) -> str:
    """The HTML without comments; one that is not closed goes on to the end."""
    first, *comments = html.split("<!--")
    return "".join([first, *(comment.partition("-->")[2] for comment in comments)])


def _text(text: str, before: list[str], as_written: bool) -> str:
    """Text as a browser shows it, but runs of spaces are kept: examples may need them."""
    text = unescape(text)
    if as_written:
        return text
    text = BLANKS.sub(lambda run: run[0] if run[0].strip(" ") == "" else " ", text)
    last = next((piece for piece in reversed(before[-8:]) if piece), "")
    return text.lstrip(" ") if last.endswith("\n") else text


def _break(tag: str, opens: bool) -> str:
    """What a tag becomes in the text: line breaks, a mark, or nothing."""
    if tag in BLOCK_TAGS:
        return "\n" if tag == "tr" else "\n\n"
    if opens:
        return TAG_TEXT.get(tag, "")
    return " | " if tag in ("td", "th") else ""


def statement_text(text: str) -> str:
    """The text of a statement in HTML, Markdown or neither, without images."""
    text = IMAGE.sub("", text)
    return html_text(text) if MARKUP.search(text) else tidy(text)


def tidy(text: str) -> str:
    """The text without trailing spaces, runs of empty lines and control characters.

    It has no more than MAX_STATEMENT characters.
    """
    text = CONTROL.sub("", SOFT_HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    lines = (SPACE.sub(" ", line).rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")[:MAX_STATEMENT]
