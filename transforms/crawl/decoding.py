"""Decodes the bytes of Python files, strictly by PEP 263, with the encodings that it allows."""

import codecs
import io
import tokenize

# Encodings of real source files, which are ASCII in their lower half. Codecs such as utf-7 or rot13
# can be declared too, but hide the text from every tool that reads bytes.
_NAMES = """
    ascii utf-8 utf-8-sig mac-roman koi8-r koi8-u tis-620 cp437 cp850 cp852 cp855 cp866 cp874
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9
    iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    shift_jis cp932 euc_jp iso2022_jp gbk gb2312 gb18030 big5 euc_kr cp949
"""
ALLOWED_ENCODINGS = frozenset(codecs.lookup(name).name for name in _NAMES.split())


class Undecodable(Exception):
    """Bytes that are no source text.

    `reason` is nul_byte, undecodable, unknown_encoding or codec_not_allowed; `value` is the detail.
    """

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


def decode(raw: bytes) -> tuple[str, str]:
    r"""The text and the name of its encoding; a byte order mark is removed, nothing else changes.

    Raises Undecodable if the bytes are no source text.

    >>> decode(b"# coding: latin-1\nname = 'caf\xe9'\n")
    ("# coding: latin-1\nname = 'café'\n", 'iso8859-1')
    """
    if b"\0" in raw:
        raise Undecodable("nul_byte", str(raw.index(b"\0")))
    name = _encoding(raw)
    try:
        return raw.decode(name), name
    except UnicodeDecodeError as error:
        raise Undecodable("undecodable", f"{name} at byte {error.start}") from error


def _encoding(raw: bytes) -> str:
    """The name of the encoding that the first two lines declare, utf-8 if they declare none."""
    try:
        declared, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        # It is raised too if the first lines are not UTF-8, or contradict the byte order mark.
        unknown = str(error).startswith("unknown encoding")
        reason = "unknown_encoding" if unknown else "undecodable"
        raise Undecodable(reason, str(error)[:200]) from error
    name = codecs.lookup(declared).name
    if name not in ALLOWED_ENCODINGS:
        raise Undecodable("codec_not_allowed", name)
    return name
