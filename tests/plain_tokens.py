"""Words, tokens and n-grams by their definition, in plain Python: what the kernels must agree with."""

import re

from transforms.contamination.grams.raw_tokens import BUILTINS, KEYWORDS

WORD = re.compile(r"\\[nrt]|[^\W]+")
PREFIX = r"(?:[rRbBuUfF]{1,2})?"
BREAK = r"(?:\r+\n?|\n)"
ESCAPED = rf"\\(?:{BREAK}|[^\r\n])"
RAW = re.compile(
    rf"""(?P<space>(?:[ \t\f]|\\{BREAK}?)+)
    |(?P<line>[\r\n])
    |(?P<comment>\#[^\r\n]*)
    |(?P<string>{PREFIX}(?:
        \"\"\"(?:{ESCAPED}|(?!\"\"\")[^\\])*(?:\"\"\"|\\?\Z)
        |\'\'\'(?:{ESCAPED}|(?!\'\'\')[^\\])*(?:\'\'\'|\\?\Z)
        |"(?:{ESCAPED}|[^"\\\r\n])*(?:"|(?=[\r\n])|\\?\Z)
        |'(?:{ESCAPED}|[^'\\\r\n])*(?:'|(?=[\r\n])|\\?\Z)))
    |(?P<name>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)
    |(?P<number>0[xX][0-9A-Za-z_.\x80-\U0010ffff]*
        |\.?[0-9](?:(?<=[eE])[+-]|[0-9A-Za-z_.\x80-\U0010ffff])*)
    |(?P<operator>(?:\*\*|//|>>|<<)=?|[-+*/%&|^@<>=!:]=|->|[^\s])""",
    re.VERBOSE | re.DOTALL,
)


def words(text: str) -> list[str]:
    """Runs of characters that are alphanumeric or `_`, in lower case, each character by itself."""
    found, word = [], ""
    at = 0
    while at < len(text):
        character = text[at]
        if character.isalnum() or character == "_":
            lower = character.lower()
            word += lower if len(lower) == 1 else character
        else:
            found, word = found + [word] * bool(word), ""
            at += (
                character == "\\"
                and text[at + 1 : at + 2] in ("n", "r", "t")
                and at + 1 < len(text)
            )
        at += 1
    return found + [word] * bool(word)


def raw_tokens(text: str) -> list[tuple[str, str, bool]]:
    """Kind and text of every token, and whether a line break that is not continued stands before."""
    found, broken = [], True
    at = 0
    while at < len(text):
        match = RAW.match(text, at)
        kind = match.lastgroup if match else "operator"
        token = match[0] if match else text[at]
        at += len(token)
        if kind == "line":
            broken = True
        elif kind not in ("space", "comment"):
            found.append((kind, token, broken))
            broken = False
    return found


def string_value(token: str) -> str:
    """What counts of a string."""
    body = token.lstrip("rRbBuUfF")
    quote = body[:3] if body[:3] in ('"""', "'''") else body[:1]
    body = body[len(quote) :]
    body = body[: -len(quote)] if closed(body, quote) else body
    body = re.sub(rf"\\(?:{BREAK})", "", body)
    body = re.sub(r"\\([\s\S])", lambda m: m[0] if m[1] not in "'\"" else m[1], body)
    return body.replace("\r", "")


def closed(body: str, quote: str) -> bool:
    """Whether a string after its first quote ends with the quote, and not with an escaped one."""
    if not body.endswith(quote):
        return False
    before = body[: -len(quote)]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 0


def tokens(text: str) -> list[tuple[str, str]]:
    """Normalised tokens: ("name", n), ("string", content) or ("fixed", text)."""
    found: list[tuple[str, str]] = []
    brackets: list[bool] = []
    comma = dotted = called = False
    fresh = True
    for kind, token, broken in raw_tokens(text):
        if broken and token in ("def", "class"):
            brackets = []
        fresh = fresh or (broken and not brackets)
        if comma and not (kind == "operator" and token in ")]}"):
            found.append(("fixed", ","))
        comma = kind == "operator" and token == ","
        dropped = comma or (kind == "string" and fresh) or token == ";"
        fresh = token == ";"
        if kind == "operator" and token in "([{":
            dropped = token == "(" and not called and len(brackets) < 64
            brackets.append(dropped)
        elif kind == "operator" and token in ")]}" and brackets:
            dropped = brackets.pop() and len(brackets) < 64
        elif token == ":" and not brackets:
            dropped = fresh = True
        if not dropped:
            found.append(normalised(kind, token, dotted))
            if found[-2:] == [("fixed", "else"), ("fixed", "if")]:
                found[-2:] = [("fixed", "elif")]
        called = (
            kind == "string"
            or (kind == "name" and token not in KEYWORDS)
            or (kind == "operator" and token in ")]}")
        )
        dotted = token == "."
    return found


def normalised(kind: str, token: str, dotted: bool) -> tuple[str, str]:
    """One token as it counts."""
    if kind == "string":
        return "string", string_value(token)
    if kind == "name" and token not in KEYWORDS and token not in BUILTINS and not dotted:
        return "name", token
    return "fixed", lower_ascii(token) if kind == "number" else token


def lower_ascii(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def anonymous(gram: list[tuple[str, str]], strings: bool) -> tuple:
    """An n-gram with every name as the distance to where it stood last in it, or 0."""
    form = []
    for place, (kind, value) in enumerate(gram):
        if kind == "name":
            before = [place - i for i in range(place) if gram[i] == (kind, value)]
            form.append(("name", min(before, default=0)))
        elif kind == "string" and not strings:
            form.append(("string", ""))
        else:
            form.append((kind, value))
    return tuple(form)
