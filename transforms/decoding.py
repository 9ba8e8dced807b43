"""Source bytes to text, exactly as PEP 263 has it, and strictly."""

import codecs
import io
import tokenize

# Encodings of real source files; codecs such as utf-7 or rot13 decode, but hide what they hold.
ALLOWED = frozenset(
    codecs.lookup(name).name
    for name in (
        "ascii utf-8 utf-8-sig latin-1 iso8859-2 iso8859-5 iso8859-7 iso8859-9 iso8859-15 cp1250 "
        "cp1251 cp1252 cp1253 cp1254 cp437 cp850 cp866 koi8-r koi8-u mac-roman shift_jis cp932 "
        "euc_jp iso2022_jp gbk gb2312 gb18030 big5 euc_kr cp949 tis-620"
    ).split()
)


class Undecodable(Exception):
    """Bytes that are no source text: `reason` from a closed list, and a `value`."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


def decode(raw: bytes) -> tuple[str, str]:
    """Text and encoding name; nothing but the byte order mark is changed."""
    if b"\0" in raw:
        raise Undecodable("nul_byte", str(raw.index(b"\0")))
    name = _encoding(raw)
    try:
        text = raw.decode(name)
        text.encode()
    except UnicodeEncodeError as error:
        raise Undecodable("lone_surrogate", str(error.start)) from error
    except UnicodeDecodeError as error:
        raise Undecodable("undecodable", f"{name} at byte {error.start}") from error
    return text, name


def _encoding(raw: bytes) -> str:
    try:
        found, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        name = codecs.lookup(found).name
    except (SyntaxError, LookupError, UnicodeDecodeError) as error:
        reason = "undecodable" if "utf-8" in str(error) else "unknown_encoding"
        raise Undecodable(reason, str(error)[:200]) from error
    if name not in ALLOWED:
        raise Undecodable("codec_not_allowed", name)
    return name
