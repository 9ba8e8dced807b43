"""Decoding by PEP 263: what Python would read, but no codec that hides the text."""

import io
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.crawl.decoding import ALLOWED_ENCODINGS, Undecodable, decode

BOM = b"\xef\xbb\xbf"


def cookie(name: str, body: bytes = b"") -> bytes:
    return b"# -*- coding: %s -*-\n%s" % (name.encode(), body)


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("x = 'é€😀'\n".encode(), "x = 'é€😀'\n", "utf-8"),
        (BOM + b"x = 1\n", "x = 1\n", "utf-8-sig"),
        (BOM + cookie("utf-8"), cookie("utf-8").decode(), "utf-8-sig"),
        (BOM + BOM, "\ufeff", "utf-8-sig"),
        (cookie("UTF8", b"'\xc3\xa9'"), cookie("UTF8").decode() + "'é'", "utf-8"),
        (cookie("latin-1", b"'\xe9'"), cookie("latin-1").decode() + "'é'", "iso8859-1"),
        (cookie("iso-8859-15", b"'\xa4'"), cookie("iso-8859-15").decode() + "'€'", "iso8859-15"),
        (cookie("windows-1252", b"'\x80'"), cookie("windows-1252").decode() + "'€'", "cp1252"),
        (cookie("euc-jp", b"'\xa4\xa2'"), cookie("euc-jp").decode() + "'あ'", "euc_jp"),
        (cookie("sjis", b"'\x82\xa0'"), cookie("sjis").decode() + "'あ'", "shift_jis"),
        (cookie("koi8-r", b"'\xc1'"), cookie("koi8-r").decode() + "'а'", "koi8-r"),
        (cookie("macroman", b"'\x8e'"), cookie("macroman").decode() + "'é'", "mac-roman"),
        (cookie("tis-620", b"'\xa1'"), cookie("tis-620").decode() + "'ก'", "tis-620"),
        (
            b"#!/bin/python\n" + cookie("latin-1", b"'\xe9'"),
            "#!/bin/python\n" + cookie("latin-1").decode() + "'é'",
            "iso8859-1",
        ),
        (b"\n\n# coding: latin-1\n", "\n\n# coding: latin-1\n", "utf-8"),  # too late: line 3
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n", "utf-8"),  # after code
        (b"a\r\nb\rc\n\x0c\x1a", "a\r\nb\rc\n\x0c\x1a", "utf-8"),  # newlines stay
    ],
)
def test_decoded(raw: bytes, text: str, encoding: str) -> None:
    assert decode(raw) == (text, encoding)


@pytest.mark.parametrize(
    ("raw", "reason", "value"),
    [
        (b"x\0", "nul_byte", "1"),
        ("x = 1\n".encode("utf-16"), "nul_byte", "3"),
        ("字" * 9, "nul_byte", None),
        (b"'\xe9'\n", "undecodable", "invalid or missing encoding declaration"),
        (b"\n\n'\xe9'\n", "undecodable", "utf-8 at byte 3"),
        (b"\n\n\n# coding: latin-1\n'\xe9'", "undecodable", "utf-8 at byte 22"),
        (b"\n\n\xed\xa0\x80", "undecodable", "utf-8 at byte 2"),  # a lone surrogate
        (b"\n\n\xc0\xaf", "undecodable", "utf-8 at byte 2"),  # overlong
        (cookie("ascii", b"'\xe9'"), "undecodable", None),  # it lies
        (cookie("euc-jp", b"'\xa4'"), "undecodable", None),
        (BOM + cookie("latin-1"), "undecodable", "encoding problem: utf-8"),
        (cookie("klingon"), "unknown_encoding", "unknown encoding: klingon"),
        (cookie("x" * 9999), "unknown_encoding", None),
        (cookie("utf-7", b"'+AGEAYg-'"), "codec_not_allowed", "utf-7"),
        (cookie("rot13", b"cevag 1"), "codec_not_allowed", "rot-13"),
        (cookie("unicode_escape", b"\\x41"), "codec_not_allowed", None),
        (cookie("utf-16"), "codec_not_allowed", "utf-16"),
        (cookie("hex"), "codec_not_allowed", "hex"),
        (cookie("undefined"), "codec_not_allowed", "undefined"),
    ],
)
def test_refused(raw: bytes | str, reason: str, value: str | None) -> None:
    with pytest.raises(Undecodable) as error:
        decode(raw.encode("utf-32") if isinstance(raw, str) else raw)
    assert error.value.reason == reason
    assert value in (None, error.value.value) and len(error.value.value) <= 200


@given(
    st.sampled_from([b"", BOM]),
    st.sampled_from([b"", b"\n", b"#!x\n", b"x\n"]),
    st.sampled_from(["", *sorted(ALLOWED_ENCODINGS), "utf8", "Latin_1", "utf-7", "nope"]),
    st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))),
)
def test_decodes_as_python_opens(tmp_path_factory, mark, first, name, rest) -> None:
    """tokenize.open reads the same text; what it reads is refused only for NUL or its codec."""
    raw = mark + first + (cookie(name) if name else b"") + rest
    path: Path = tmp_path_factory.getbasetemp() / "source.py"
    path.write_bytes(raw)
    try:
        with (
            tokenize.open(path) as file,
            io.TextIOWrapper(file.buffer, file.encoding, newline="") as raw_lines,
        ):
            expected = raw_lines.read()
    except (SyntaxError, UnicodeDecodeError):
        expected = None
    try:
        text, encoding = decode(raw)
    except Undecodable as error:
        assert expected is None or error.reason in ("nul_byte", "codec_not_allowed")
    else:
        assert text == expected
        assert encoding in ALLOWED_ENCODINGS
        text.encode()
