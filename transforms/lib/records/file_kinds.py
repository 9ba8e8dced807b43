"""Which kind of file a file is: by the ending of its name, and by its first bytes."""

import os
from io import BufferedReader, BytesIO

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import (
    compression,
    file_bytes,
    without_compression,
)
from transforms.lib.skeleton.storage import open_input

HEAD_BYTES = 1 << 16  # read from the start of a file to tell its kind
PARQUET, ARROW, JSON, JSON_LINES, CSV, TSV, TEXT = (
    "Parquet",
    "Arrow",
    "JSON",
    "JSON Lines",
    "CSV",
    "TSV",
    "text",
)
ENDINGS = {
    PARQUET: ".parquet .pq",
    ARROW: ".arrow .arrows .feather .ipc",
    JSON: ".json",
    JSON_LINES: ".jsonl .ndjson .jsonlines .jl",
    CSV: ".csv",
    TSV: ".tsv .tab",
    # A file of text is one row. Notebooks are text too: what reads it unwraps their cells.
    TEXT: ".txt .text .md .markdown .rst .tex .py .pyi .pyx .ipynb .diff .patch .log .html .htm "
    ".xml .yaml .yml .toml .cfg .ini .sh .sql .r .jl .js .ts .jsx .tsx .java .kt .scala .c .h .cc "
    ".cpp .hpp .cs .go .rs .rb .php .pl .lua .swift .hs .ml",
}
KIND_OF_ENDING = {
    ending: kind for kind, endings in reversed(ENDINGS.items()) for ending in endings.split()
}
# First bytes of kinds that are no text, and what to do about those that are not read.
MAGIC = (
    (b"PAR1", PARQUET, ""),
    (b"ARROW1", ARROW, ""),
    (b"\xff\xff\xff\xff", ARROW, ""),
    (b"PARE", "encrypted Parquet", "decrypt it first"),
    (b"FEA1", "Feather of version 1", "write it anew as version 2"),
    (b"PK\x03\x04", "a zip archive", "unpack it and name the folder"),
    (b"SQLite format 3", "an SQLite database", "export the table as Parquet or CSV"),
    (b"\x89HDF", "HDF5", "export it as Parquet"),
    (b"Obj\x01", "Avro", "export it as Parquet or JSON Lines"),
    (b"ORC", "ORC", "export it as Parquet"),
    (b"%PDF", "a PDF", "extract its text"),
    (b"\x93NUMPY", "a NumPy array", "export it as Parquet"),
    (b"\x80\x02", "a pickle", "export it as Parquet; pickles are never opened"),
    (b"\x80\x03", "a pickle", "export it as Parquet; pickles are never opened"),
    (b"\x80\x04", "a pickle", "export it as Parquet; pickles are never opened"),
    (b"\x80\x05", "a pickle", "export it as Parquet; pickles are never opened"),
    (b"version https://git-lfs", "a Git LFS pointer", "get the file itself with `git lfs pull`"),
    (b"\xff\xfe", "text in UTF-16", "convert it to UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "convert it to UTF-8"),
)
TAR_MAGIC_PLACE = slice(257, 262)  # of `ustar` in a tar file


def ending_kind(file: str) -> str | None:
    """The kind that the name of a file says, or None.

    >>> ending_kind("a/b.jsonl.zst"), ending_kind("README")
    ('JSON Lines', None)
    """
    return KIND_OF_ENDING.get(os.path.splitext(without_compression(file))[1].lower())


def is_known(file: str) -> bool:
    """Whether the name of a file says that it is read."""
    return ending_kind(file) is not None


def kind_of(file: str) -> str:
    """The kind of a file: one of ENDINGS.

    Raises UsageError that says what the file is if it is of another kind than its name says, or of
    none that is read.
    """
    try:
        with open_input(file) as opened:
            raw = opened.read(HEAD_BYTES)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error
    head, declared, compressed = _inflated(raw), ending_kind(file), compression(raw)
    actual, advice = _magic(head)
    if actual in (PARQUET, ARROW):
        if compressed:
            raise UsageError(f"{file}: {actual} compressed by {compressed}: decompress it first")
        if declared not in (None, actual):
            right = ENDINGS[actual].split()[0]
            raise UsageError(f"{file}: is {actual}, not {declared}: rename it to end in {right}")
        return actual
    if actual:
        raise UsageError(f"{file}: is {actual}, which is not read: {advice}")
    return _kind_of_text(file, declared, head)


def _inflated(head: bytes) -> bytes:
    """The beginning of a file, inflated if it is compressed."""
    source, inflated = file_bytes(BufferedReader(BytesIO(head))), b""
    while len(inflated) < HEAD_BYTES and (block := source.read()):
        inflated += block
    return inflated[:HEAD_BYTES]


def _magic(head: bytes) -> tuple[str | None, str]:
    if head[TAR_MAGIC_PLACE] == b"ustar":
        return "a tar archive", "unpack it and name the folder"
    return next(((name, todo) for magic, name, todo in MAGIC if head.startswith(magic)), (None, ""))


def _kind_of_text(file: str, declared: str | None, head: bytes) -> str:
    """The kind of a file that is no Parquet and no Arrow; of a name that says nothing by a look."""
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if declared in (PARQUET, ARROW):
        if begin and begin.isascii() and b"\0" not in head and head != b"PAR1":
            looks = "JSON" if begin in (b"{", b"[") else "text"
            raise UsageError(f"{file}: not a readable {declared} file: it looks like {looks}")
        return declared
    if declared is not None:
        return declared
    if begin in (b"{", b"["):
        return JSON
    if b"\0" in head:
        raise UsageError(f"{file}: neither text nor a table that is read (see --help)")
    return TEXT
