"""Words, tokens and n-grams by definition: what the compiled kernels of contamination must agree with.

Nothing here works as the kernels do. Words and raw tokens are regular expressions over text, where
the kernels step over bytes; for valid Python raw tokens come from Python's own `tokenize`. What
counts of the raw tokens is decided by rules that look at the whole list, one after the other,
where the kernel keeps a state in a single pass. Names of an n-gram are numbered as they come,
where the kernel counts back to where each stood last.
"""

import io
import itertools
import keyword
import re
import tokenize
from typing import NamedTuple

from transforms.contamination.grams.raw_tokens import BUILTINS  # a list is its own definition

OUTER = 64  # levels of brackets in which those that only group do not count


class Raw(NamedTuple):
    """A raw token: its kind, its text, whether a line break that is not continued stands before."""

    kind: str
    text: str
    broken: bool


class Token(NamedTuple):
    """A token as it counts: a name, a string, or what is fixed; and the text it was written as."""

    kind: str
    value: str | bytes
    text: str


def words(text: str) -> list[str]:
    r"""Runs of `\w` in lower case, but not across `\n`, `\r` or `\t` as a string writes them."""
    found = re.findall(r"\w+", re.sub(r"\\[nrt]", " ", text))
    return ["".join(c.lower() if len(c.lower()) == 1 else c for c in word) for word in found]


BREAK = r"(?:\r+\n?|\n)"
ESCAPE = rf"\\(?:{BREAK}|[^\r\n])"
QUOTED = "|".join(
    [
        rf'"""(?:{ESCAPE}|(?!""")[^\\])*(?:"""|\\?\Z)',
        rf"'''(?:{ESCAPE}|(?!''')[^\\])*(?:'''|\\?\Z)",
        rf'"(?:{ESCAPE}|[^"\\\r\n])*(?:"|(?=[\r\n])|\\?\Z)',
        rf"'(?:{ESCAPE}|[^'\\\r\n])*(?:'|(?=[\r\n])|\\?\Z)",
    ]
)
LETTER = r"A-Za-z_\x80-\U0010ffff"
RAW = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in [
            ("space", rf"(?:[ \t\f]|\\{BREAK}?)+"),
            ("line", r"[\r\n]"),
            ("comment", r"\#[^\r\n]*"),
            ("string", rf"[rRbBuUfF]{{0,2}}(?:{QUOTED})"),
            ("name", rf"[{LETTER}][{LETTER}0-9]*"),
            ("hexadecimal", rf"[0-9][xX][{LETTER}0-9.]*"),
            ("number", rf"\.?[0-9](?:[{LETTER}0-9.]|(?<=[eE])[+-])*"),
            ("operator", r"(?:\*\*|//|>>|<<)=?|[-+*/%&|^@<>=!:]=|->|."),
        ]
    ),
    re.DOTALL,
)
KIND = {"hexadecimal": "number"}


def raw_tokens(text: str) -> list[Raw]:
    """The raw tokens of any text."""
    found, broken = [], True
    for match in RAW.finditer(text):
        kind = match.lastgroup or ""
        if kind == "line":
            broken = True
        elif kind not in ("space", "comment"):
            found.append(Raw(KIND.get(kind, kind), match[0], broken))
            broken = False
    return found


PYTHON_KINDS = {
    tokenize.NAME: "name",
    tokenize.NUMBER: "number",
    tokenize.STRING: "string",
    tokenize.OP: "operator",
}


def python_tokens(source: str) -> list[tuple[Raw, tuple[int, int]]]:
    """The raw tokens of valid Python as `tokenize` has them, each with its line and column.

    `...` is three tokens here, and an f-string is one (from Python 3.12 on it is several there).
    """
    lines = list(io.StringIO(source))
    found: list[tuple[Raw, tuple[int, int]]] = []
    broken, open_strings, begin = True, 0, (1, 0)
    for token in tokenize.generate_tokens(iter(lines).__next__):
        name, kind, parts = tokenize.tok_name[token.type], PYTHON_KINDS.get(token.type), []
        if name == "FSTRING_START":
            begin = begin if open_strings else token.start
            open_strings += 1
        elif name == "FSTRING_END":
            open_strings -= 1
            kind, parts = "string", [between(lines, begin, token.end)]
        elif name in ("NEWLINE", "NL"):
            broken = broken or not open_strings
        elif kind:
            begin = begin if open_strings else token.start
            parts = list(token.string) if token.string == "..." else [token.string]
        for part in () if open_strings else parts:
            found.append((Raw(kind or "", part, broken), begin))
            broken = False
    return found


def between(lines: list[str], first: tuple[int, int], last: tuple[int, int]) -> str:
    """The text from one line and column to another."""
    inside = lines[first[0] - 1 : last[0]]
    inside[-1] = inside[-1][: last[1]]
    return "".join(inside)[first[1] :]


OPENING, CLOSING = tuple("([{"), tuple(")]}")
INNERMOST = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")


def pairs(shapes: str) -> dict[int, int]:
    """Which bracket closes which, whatever their shapes: the innermost first, then around them."""
    closed_by: dict[int, int] = {}

    def close(match: re.Match[str]) -> str:
        closed_by[match.start()] = match.end() - 1
        return " " * len(match[0])

    more = 1
    while more:
        shapes, more = INNERMOST.subn(close, shapes)
    return closed_by


def brackets(raw: list[Raw]) -> tuple[dict[int, int], list[int]]:
    """Which token closes which bracket, and how many are open before each token.

    `def` and `class` at the beginning of a line end all brackets that are open before them.
    """
    shapes = "".join(t.text if t.text in OPENING + CLOSING else " " for t in raw)
    ends = [n for n, t in enumerate(raw) if t.broken and t.text in ("def", "class")]
    closed_by: dict[int, int] = {}
    depths: list[int] = []
    for first, last in itertools.pairwise([0, *ends, len(raw)]):
        inside = pairs(shapes[first:last])
        closed_by |= {first + opening: first + closing for opening, closing in inside.items()}
        steps = [0] * (last - first + 1)
        for place, shape in enumerate(shapes[first:last]):
            if shape in OPENING:
                steps[place + 1] += 1
                if place in inside:
                    steps[inside[place] + 1] -= 1
        depths += itertools.accumulate(steps[:-1])
    return closed_by, depths


def is_called(token: Raw) -> bool:
    """Whether a round bracket after it is that of a call, or of a class or function."""
    if token.kind == "name":
        return not keyword.iskeyword(token.text)
    return token.kind == "string" or token.text in CLOSING


def dropped(raw: list[Raw]) -> set[int]:
    """The places of what does not count."""
    closed_by, depths = brackets(raw)
    texts, places = [t.text for t in raw], range(len(raw))
    semicolons = {n for n in places if texts[n] == ";"}
    colons = {n for n in places if texts[n] == ":" and not depths[n]}
    last_commas = {n for n in places if texts[n] == "," and [*texts, ")"][n + 1] in CLOSING}
    begins = {n for n in places if raw[n].broken and not depths[n]}
    begins |= {n + 1 for n in semicolons | colons}
    docstrings = {n for n in places if raw[n].kind == "string" and n in begins}
    groups = {
        n
        for n in places
        if texts[n] == "(" and depths[n] < OUTER and not (n and is_called(raw[n - 1]))
    }
    groups |= {closed_by[n] for n in groups if n in closed_by}
    return semicolons | colons | last_commas | docstrings | groups


def tokens(raw: list[Raw]) -> list[Token]:
    """What counts of raw tokens."""
    left_out = dropped(raw)
    found: list[Token] = []
    for n, token in enumerate(raw):
        if n in left_out:
            continue
        if token.text == "if" and found and found[-1][:2] == ("fixed", "else"):
            found[-1] = Token("fixed", "elif", "else")
        else:
            found.append(token_of(token, n > 0 and raw[n - 1].text == "."))
    return found


def token_of(token: Raw, is_attribute: bool) -> Token:
    """A raw token as it counts."""
    if token.kind == "string":
        return Token("string", string_value(token.text), token.text)
    if token.kind == "number":
        # Numbers have no case: beside digits, dots and signs bit 32 does not count.
        value = bytes(byte | 32 if byte > ord("9") else byte for byte in token.text.encode())
        return Token("fixed", value, token.text)
    fixed = token.kind == "operator" or is_attribute
    if fixed or keyword.iskeyword(token.text) or token.text in BUILTINS:
        return Token("fixed", token.text, token.text)
    return Token("name", token.text, token.text)


VALUE = re.compile(
    rf"""[rRbBuUfF]*(?P<quote>\"\"\"|\'\'\'|"|')(?P<body>(?:{ESCAPE}|[^\\])*?)(?:(?P=quote)|(?P<rest>\\?))"""
)
ESCAPES = re.compile(rf"""\\(?:{BREAK}|(?P<quote>["'])|(?P<other>[^\r\n]))|\r""")


def string_value(text: str) -> str:
    """What a string holds as it is written, but for its quotes and prefix, `\\r`, continued lines
    and the backslash before a quote."""
    match = VALUE.fullmatch(text)
    assert match, text
    body = ESCAPES.sub(lambda m: m["quote"] or (m["other"] and m[0]) or "", match["body"])
    return body + (match["rest"] or "")


def anonymous(gram: list[Token], strings: bool) -> tuple:
    """An n-gram with its names numbered as they come; two are equal if consistent renaming of
    their names makes them so."""
    numbers: dict[str | bytes, int] = {}
    form: list[tuple] = []
    for kind, value, _ in gram:
        if kind == "name":
            form.append((kind, numbers.setdefault(value, len(numbers))))
        else:
            form.append((kind, value if strings or kind != "string" else ""))
    return tuple(form)
