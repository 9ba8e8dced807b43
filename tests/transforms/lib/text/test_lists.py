"""Lists as editors write them, on any system."""

import codecs

import pytest

from transforms.lib.text.lists import numbered_entries

TEXT = "# ours\nflask\n\n  click==8.0  \t# pinned\nname#kept\n"
ENTRIES = [(2, "flask"), (4, "click==8.0"), (5, "name#kept")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    assert numbered_entries(TEXT.replace("\n", end).encode(encoding)) == ENTRIES


def test_other_byte_order() -> None:
    assert numbered_entries(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")) == ENTRIES


def test_marks_amid_files_that_were_put_together() -> None:
    assert numbered_entries("\ufeffa\n\ufeffb\u200b\n\u00a0c".encode()) == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]


@pytest.mark.parametrize("content", [b"\xe9", "a\n".encode("utf-16-le"), b"\xff\xfe", b"\xff\xfea"])
def test_no_text(content: bytes) -> None:
    with pytest.raises(ValueError):
        numbered_entries(content)


def test_nothing() -> None:
    assert numbered_entries(b"") == numbered_entries(b"\n# a\n \n") == []
