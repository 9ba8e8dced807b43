"""Hostile archives: members are kept or dropped for a reason, or the whole archive is rejected."""

import bz2
import gzip
import io
import lzma
import random
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.archives import (
    ArchiveError,
    Member,
    beginning,
    contents,
    inflated,
    members,
    rules,
)

CODE = b"x = 1\n"
EDGE = b"#" * 999_999
APPLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"
REG, SYM, LNK = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def wanted(path: str) -> bool:
    return path.endswith(".py")


def read(archive: bytes) -> list[Member]:
    return list(members(io.BytesIO(archive), wanted))


def outcome(archive: bytes) -> dict[str, str]:
    """`kept` or the reason by path; under an empty path the reason for the whole archive."""
    try:
        read_members = read(archive)
    except ArchiveError as error:
        return {"": error.reason}
    assert all((member.content is None) == (member.reason is not None) for member in read_members)
    kept = [member.path for member in read_members if member.reason is None]
    assert len(set(kept)) == len(kept)
    return {member.path: member.reason or "kept" for member in read_members}


def tar(*entries: tuple, mode: str = "w", end: bool = True, **options) -> bytes:
    """A tar of (name, content) or (name, content, {attribute: value})."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode, **options) as archive:
        for name, content, *more in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in (more[0] if more else {}).items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
        size = archive.offset
    return sink.getvalue() if end else sink.getvalue()[:size]


def zipped(*entries: tuple, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name, content) or (name, content, Unix mode)."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content, *mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = (mode[0] if mode else 0o100644) << 16, method
            archive.writestr(info, content)
    return sink.getvalue()


def header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def pax(payload: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """A pax header with any payload, before a small file."""
    block = payload + bytes(-len(payload) % 512)
    return header("pax", kind, len(payload)) + block + tar(("a.py", CODE))


def record(text: str) -> bytes:
    """A pax record `LENGTH NAME=VALUE`, whose length includes its own digits."""
    body = f" {text}\n".encode()
    return next(b"%d" % n + body for n in range(3, 9999) if n == len(b"%d" % n + body))


def patched(archive: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert old in archive
        archive = archive.replace(old, new)
    return archive


def old_sparse(blocks: int) -> bytes:
    """A sparse file of GNU tar whose map has so many blocks, and a file after it."""
    info = bytearray(header("s.py", tarfile.GNUTYPE_SPARSE, 512))
    info[386:410] = b"%011o\0%011o\0" % (8, 8)  # a first extent
    info[482], info[483:495] = 1, b"%011o\0" % (1 << 30)
    info[148:156] = b"%06o\0 " % (sum(info[:148]) + 256 + sum(info[156:]))
    full = (b"%011o\0%011o\0" % (8, 8)) * 21 + b"\1" + bytes(7)
    last = full[:504] + bytes(8)
    return bytes(info) + full * (blocks - 1) + last + bytes(512) + tar(("a.py", CODE))


MIXED = [("p-1/a.py", CODE), ("p-1/b/c.py", CODE * 9)]
PLAIN = tar(*MIXED)
BOTH = {"a.py": "kept", "b/c.py": "kept"}

MEMBERS = {
    "dotdot": (tar(("../up.py", CODE), *MIXED), {"../up.py": "path_traversal"} | BOTH),
    "dotdot inside": (
        tar(("p-1/x/../../u.py", CODE), *MIXED),
        {"x/../../u.py": "path_traversal"} | BOTH,
    ),
    "absolute": (tar(("/etc/a.py", CODE), *MIXED), {"/etc/a.py": "path_absolute"} | BOTH),
    "drive": (tar(("C:\\a.py", CODE), *MIXED), {"C:\\a.py": "path_absolute"} | BOTH),
    "backslash": (
        tar(("p-1\\..\\..\\a.py", CODE), *MIXED),
        {"p-1\\..\\..\\a.py": "path_traversal"} | BOTH,
    ),
    "symlink": (
        tar(*MIXED, ("p-1/l.py", b"", {"type": SYM, "linkname": "/etc/passwd"})),
        BOTH | {"l.py": "link"},
    ),
    "hardlink": (
        tar(*MIXED, ("p-1/l.py", b"", {"type": LNK, "linkname": "p-1/a.py"})),
        BOTH | {"l.py": "link"},
    ),
    "through a link": (
        tar(("p-1/d", b"", {"type": SYM, "linkname": "/tmp"}), ("p-1/d/a.py", CODE)),
        {"d/a.py": "kept"},
    ),
    "device": (
        tar(*MIXED, ("p-1/d.py", b"", {"type": tarfile.CHRTYPE})),
        BOTH | {"d.py": "special"},
    ),
    "fifo": (
        tar(*MIXED, ("p-1/f.py", b"", {"type": tarfile.FIFOTYPE})),
        BOTH | {"f.py": "special"},
    ),
    "unknown type": (tar(*MIXED, ("p-1/u.py", b"", {"type": b"Z"})), BOTH | {"u.py": "special"}),
    "directory": (tar(("p-1/d.py", b"", {"type": tarfile.DIRTYPE}), *MIXED), BOTH),
    "setuid": (tar(("p-1/a.py", CODE, {"mode": 0o6777})), {"a.py": "kept"}),
    "sparse": (old_sparse(1), {"s.py": "sparse", "a.py": "kept"}),
    "sparse map without end": (old_sparse(5000), {"s.py": "sparse", "a.py": "kept"}),
    "pax sparse": (
        pax(record("GNU.sparse.major=1") + record("GNU.sparse.name=q.py")),
        {"q.py": "sparse"},
    ),
    "pax path": (pax(record("path=" + "d/" * 60 + "é.py")), {"d/" * 59 + "é.py": "kept"}),
    "pax size": (pax(record("size=6")), {"a.py": "kept"}),
    "pax path not UTF-8": (
        pax(record("path=~.py").replace(b"~", b"\xe9")),
        {"\\udce9.py": "path_not_utf8"},
    ),
    "global header": (pax(record("comment=0123"), tarfile.XGLTYPE), {"a.py": "kept"}),
    "long name": (
        tar(("p-1/" + "n" * 9000 + ".py", CODE), *MIXED),
        {("n" * 1021) + ".py": "path_too_long"} | BOTH,
    ),
    "long component": (
        tar(("p-1/" + "n" * 253 + ".py", CODE), *MIXED),
        {"n" * 253 + ".py": "path_too_long"} | BOTH,
    ),
    "deep": (
        tar(("p-1/" + "d/" * 300 + "a.py", CODE), *MIXED),
        {"d/" * 300 + "a.py": "kept"} | BOTH,
    ),
    "newline": (tar(("p-1/a\nb.py", CODE), *MIXED), {"a\\nb.py": "path_control"} | BOTH),
    "escape": (tar(("p-1/\x1b[2J.py", CODE), *MIXED), {"\\x1b[2J.py": "path_control"} | BOTH),
    "bidi": (tar(("p-1/a\u202eyp.py", CODE), *MIXED), {"a\\u202eyp.py": "path_control"} | BOTH),
    "surrogate": (tar(("p-1/\udc80.py", CODE), *MIXED), {"\\udc80.py": "path_not_utf8"} | BOTH),
    "latin-1": (
        tar(("p-1/é.py", CODE), *MIXED, encoding="latin-1", format=tarfile.GNU_FORMAT),
        {"\\udce9.py": "path_not_utf8"} | BOTH,
    ),
    "odd but fine": (
        tar(("p-1/-rf.py", CODE), ("p-1/con.py", CODE), ("p-1/A.py", CODE), ("p-1/a.py", CODE)),
        dict.fromkeys(["-rf.py", "con.py", "A.py", "a.py"], "kept"),
    ),
    "duplicate": (tar(("p-1/a.py", CODE), ("p-1/./a.py", b"2")), {"a.py": "duplicate_path"}),
    "edge": (tar(("p/a.py", EDGE), ("p/b.py", EDGE + b"#")), {"a.py": "kept", "b.py": "too_large"}),
    "empty file": (tar(("p/a.py", b"")), {"a.py": "kept"}),
    "no top folder": (
        tar(("setup.py", CODE), ("p/a.py", CODE)),
        {"setup.py": "kept", "p/a.py": "kept"},
    ),
    "no top folder, late": (tar(("p/a.py", CODE), ("notes", CODE)), {"p/a.py": "kept"}),
    "global header that became a file": (tar(("pax_global_header", b"52"), *MIXED), BOTH),
    "backslashes": (tar(("p-1\\a.py", CODE), ("p-1\\b\\c.py", CODE)), BOTH),
    "dots before": (tar(("./._p-1", APPLE), ("./p-1/a.py", CODE), ("./p-1/b/c.py", CODE)), BOTH),
    "dot folder": (
        tar((".", b"", {"type": tarfile.DIRTYPE}), ("./p/a.py", CODE), ("./b.py", CODE)),
        {"p/a.py": "kept", "b.py": "kept"},
    ),
    "v7": (patched(PLAIN, (b"ustar\x0000", b"\0" * 8)), {"": "archive_not_archive"}),
    "nested": (
        tar(
            ("p/a.py", CODE),
            ("p/in.tar.gz", gzip.compress(PLAIN)),
            ("p/in.zip", zipped(("e.py", CODE))),
        ),
        {"a.py": "kept"},
    ),
    "gzip": (gzip.compress(PLAIN), BOTH),
    "bzip2": (bz2.compress(PLAIN), BOTH),
    "xz": (lzma.compress(PLAIN), BOTH),
    "concatenated gzip": (gzip.compress(PLAIN[:700]) + gzip.compress(PLAIN[700:]), BOTH),
    "padded gzip": (gzip.compress(PLAIN) + bytes(70_000), BOTH),
    "trailing garbage": (gzip.compress(PLAIN) + b"garbage", BOTH),
    "trailing garbage, plain": (PLAIN + b"garbage" * 100, BOTH),
    "no end marker in gzip": (gzip.compress(tar(*MIXED, end=False)), BOTH),
    "only folders": (tar(("p", b"", {"type": tarfile.DIRTYPE})), {}),
    # The whole archive.
    "nothing": (b"", {"": "archive_empty"}),
    "empty tar": (tar(), {"": "archive_empty"}),
    "empty gzip": (gzip.compress(b""), {"": "archive_empty"}),
    "empty zip": (zipped(), {"": "archive_empty"}),
    "web page": (b"<!doctype html><title>404</title>" * 99, {"": "archive_not_archive"}),
    "web page, gzip": (gzip.compress(b"<html>" * 99), {"": "archive_not_archive"}),
    "short": (b"\x1f\x8b", {"": "archive_truncated"}),
    "double gzip": (gzip.compress(gzip.compress(PLAIN)), {"": "archive_not_archive"}),
    "bad CRC": (gzip.compress(PLAIN)[:-8] + b"\0" * 8, {"": "archive_corrupt"}),
    "no end marker": (tar(*MIXED, end=False), {"": "archive_truncated"}),
    "damaged header": (patched(PLAIN, (b"p-1/b/c.py", b"p-1/b/X.py")), {"": "archive_corrupt"}),
    "negative size": (pax(record("size=-512")), {"": "archive_header"}),
    "size without end": (pax(record("size=" + "9" * 30)), {"": "archive_header"}),
    "pax bomb": (pax(bytes(2 << 20)), {"": "archive_header"}),
    "long name bomb": (pax(bytes(2 << 20), tarfile.GNUTYPE_LONGNAME), {"": "archive_header"}),
    "digits without end": (pax(b"1" * (1 << 20)), {"": "archive_header"}),
    "record beyond its header": (pax(b"99 path=a.py\n"), {"": "archive_header"}),
    "record of no length": (pax(b"0 path=a.py\n"), {"": "archive_header"}),
    "headers upon headers": (
        header("pax", tarfile.XHDTYPE, 0) * 5000 + PLAIN,
        {"": "archive_corrupt"},
    ),
}

LIE = zipped(("p/a.py", CODE * 2000), ("p/b.py", CODE))
ZIPS = {
    "wheel": (zipped(("p/a.py", CODE), ("p-1.dist-info/METADATA", b"")), {"p/a.py": "kept"}),
    "top folder": (zipped(*MIXED), BOTH),
    "from a Mac": (
        zipped(
            *MIXED,
            ("__MACOSX/._p-1", APPLE),
            ("__MACOSX/p-1/._a.py", APPLE),
            (".DS_Store", b"1"),
            ("p-1/b/.DS_Store", b"1"),
            ("p-1/._a.py", APPLE),
            ("p-1/._own.py", CODE),
        ),
        BOTH | {"._a.py": "apple_double", "._own.py": "kept", "__MACOSX": "tool_folder"},
    ),
    "from Windows": (
        zipped(("p-1\\", b""), ("p-1\\a.py", CODE), ("p-1\\b\\c.py", CODE), ("p-1\\d\\", b"")),
        BOTH,
    ),
    "of both separators": (zipped(("p-1/a.py", CODE), ("p-1\\b/c.py", CODE)), BOTH),
    "spelt twice": (
        zipped(("p-1/a.py", CODE), ("p-1\\a.py", b"2"), ("./p-1/b/c.py", CODE)),
        {"a.py": "duplicate_path", "b/c.py": "kept"},
    ),
    "UTF-8 without a word": (
        patched(zipped(("p-1/é.py", CODE)), (b"\x00\x08", b"\x00\x00")),
        {"é.py": "kept"},
    ),
    "two top folders": (
        zipped(*MIXED, ("q/a.py", CODE)),
        {"p-1/a.py": "kept"} | {"p-1/b/c.py": "kept", "q/a.py": "kept"},
    ),
    "one package": (zipped(("p/", b"", 0o40755), ("p/a.py", CODE)), {"a.py": "kept"}),
    "stored": (zipped(*MIXED, method=zipfile.ZIP_STORED), BOTH),
    "traversal": (zipped(("../u.py", CODE), *MIXED), {"../u.py": "path_traversal"} | BOTH),
    "absolute": (zipped(("/a.py", CODE), *MIXED), {"/a.py": "path_absolute"} | BOTH),
    "symlink": (zipped(*MIXED, ("p-1/l.py", b"/etc/passwd", 0o120777)), BOTH | {"l.py": "link"}),
    "fifo": (zipped(*MIXED, ("p-1/f.py", b"", 0o10644)), BOTH | {"f.py": "special"}),
    "control": (zipped(("p-1/\x1b.py", CODE), *MIXED), {"\\x1b.py": "path_control"} | BOTH),
    "edge": (
        zipped(("p/a.py", EDGE), ("p/b.py", EDGE + b"#")),
        {"a.py": "kept", "b.py": "too_large"},
    ),
    "bzip2 inside": (zipped(*MIXED, method=zipfile.ZIP_BZIP2), dict.fromkeys(BOTH, "compression")),
    "lzma inside": (zipped(*MIXED, method=zipfile.ZIP_LZMA), dict.fromkeys(BOTH, "compression")),
    "smaller than declared": (
        patched(LIE, (struct.pack("<I", 12_000), struct.pack("<I", 2_000_000))),
        {"a.py": "too_large", "b.py": "kept"},
    ),
    "larger than declared": (
        patched(LIE, (struct.pack("<I", 12_000), struct.pack("<I", 600))),
        {"a.py": "member_corrupt", "b.py": "kept"},
    ),
    "two names": (
        patched(LIE[:60], (b"p/a.py", b"p/A.py")) + LIE[60:],
        {"a.py": "member_corrupt", "b.py": "kept"},
    ),
    "damaged data": (LIE[:40] + b"\xff" * 8 + LIE[48:], {"a.py": "member_corrupt", "b.py": "kept"}),
    "prefixed": (b"#!/bin/sh\n" * 99 + zipped(*MIXED), {"": "archive_not_archive"}),
    "trailing garbage": (zipped(*MIXED) + b"\0" * 99, BOTH),
    "no directory": (zipped(*MIXED)[:60], {"": "archive_corrupt"}),
}


@pytest.mark.parametrize(("archive", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_tar(archive: bytes, expected: dict[str, str]) -> None:
    assert outcome(archive) == expected


@pytest.mark.parametrize(("archive", "expected"), ZIPS.values(), ids=ZIPS)
def test_zip(archive: bytes, expected: dict[str, str]) -> None:
    assert outcome(archive) == expected


def test_content_is_what_was_put_in() -> None:
    random.seed(1)
    files = [
        (f"p/{i}.py", random.randbytes(random.choice([0, 1, 511, 512, 513, 70_000])))
        for i in range(99)
    ]
    for pack in (tar, zipped):
        assert [("p/" + m.path, m.content) for m in read(pack(*files))] == files


def test_duplicate_keeps_the_first_and_rejects_the_second() -> None:
    all_members = read(tar(("p/a.py", b"1"), ("p//a.py", b"2"), ("p/a.py", b"3")))
    assert [(m.path, m.content, m.reason) for m in all_members] == [
        ("a.py", b"1", None),
        ("a.py", None, "duplicate_path"),
        ("a.py", None, "duplicate_path"),
    ]


def test_targets_of_links_are_only_a_value() -> None:
    (link,) = read(tar(("p/l.py", b"", {"type": SYM, "linkname": "/etc/\x1bpasswd"})))
    assert (link.content, link.value) == (None, "/etc/\\x1bpasswd")


COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("comment", "commit"), [(COMMIT, COMMIT), ("made by me", None), ("", None), (COMMIT[1:], None)]
)
def test_what_an_archive_says_of_itself(comment: str, commit: str | None) -> None:
    in_tar = tar(
        *MIXED, format=tarfile.PAX_FORMAT, pax_headers={"comment": comment} if comment else {}
    )
    sink = io.BytesIO(zipped(*MIXED))
    with zipfile.ZipFile(sink, "a") as archive:
        archive.comment = comment.encode()
    for content in (in_tar, gzip.compress(in_tar), sink.getvalue()):
        found = contents(io.BytesIO(content), wanted)
        assert (found.top, found.commit) == ("p-1", commit)
        first = beginning(io.BytesIO(content), wanted, 70_000)
        assert first.top == "p-1"
    assert beginning(io.BytesIO(b"no archive"), wanted, 70_000).top is None
    assert contents(io.BytesIO(tar(("a.py", CODE), ("p/b.py", CODE))), wanted).top is None


def test_time_that_the_process_does_not_run_is_not_counted(monkeypatch) -> None:
    """A machine that sleeps, or a process that is stopped, while an archive is read."""
    monkeypatch.setattr(rules, "MAX_SECONDS", 0.5)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            time.sleep(0.2)
            return super().read(size)

    found = members(Slow(gzip.compress(tar(*MIXED, ("p-1/r", random.randbytes(300_000))))), wanted)
    assert {member.path for member in found} == set(BOTH)


def test_encrypted_zip() -> None:
    archive = zipped(("p/a.py", CODE), ("p/b.py", CODE))
    flags = b"PK\x01\x02\x14\x03\x14\x00\x00\x00"
    first = archive.index(flags)
    locked = archive[: first + 8] + b"\1" + archive[first + 9 :]
    assert outcome(locked) == {"a.py": "encrypted", "b.py": "kept"}


def overlapping(count: int, content: bytes) -> bytes:
    """A zip of many directory entries that share the bytes of one file."""
    one = zipped(("p/00000.py", content))
    at = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entries = b"".join(one[at:end].replace(b"00000", b"%05d" % i) for i in range(count))
    tail = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, count % 65536, count % 65536, len(entries), at, 0
    )
    return one[:at] + entries + tail


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"]
)
def test_every_truncation_is_detected(compress: Callable[[bytes], bytes]) -> None:
    random.seed(2)
    whole = compress(tar(*MIXED, ("p-1/r.py", random.randbytes(3000))))
    for size in range(1, len(whole), 7):
        assert list(outcome(whole[:size])) == [""], size


def test_every_truncation_of_a_plain_tar_and_a_zip_is_detected() -> None:
    whole, end = tar(*MIXED), len(tar(*MIXED, end=False))
    assert all(list(outcome(whole[:size])) == [""] for size in range(0, end + 512, 7))
    whole = zipped(*MIXED)
    assert all(list(outcome(whole[:size])) == [""] for size in range(0, len(whole), 3))


LIMITS: list[tuple[str, dict[str, float], bytes, str]] = [
    (
        "members, tar",
        {"MAX_MEMBERS": 99},
        tar(*((f"p/{i}", b"") for i in range(100))),
        "archive_too_many_members",
    ),
    (
        "members, zip",
        {"MAX_MEMBERS": 99},
        zipped(*((f"p/{i}", b"") for i in range(100))),
        "archive_too_many_members",
    ),
    (
        "total, tar",
        {"MAX_TOTAL_BYTES": 50_000},
        gzip.compress(tar(("p/a", bytes(60_000)))),
        "archive_too_large",
    ),
    (
        "total after the end",
        {"MAX_TOTAL_BYTES": 50_000},
        gzip.compress(PLAIN + bytes(60_000)),
        "archive_too_large",
    ),
    (
        "total, zip",
        {"MAX_TOTAL_BYTES": 5000},
        zipped(*((f"p/{i}.py", CODE * 200) for i in range(9))),
        "archive_too_large",
    ),
    (
        "ratio, gzip",
        {"MAX_RATIO": 9, "RATIO_GRACE": 9},
        gzip.compress(tar(("p/a", bytes(99_000)))),
        "archive_ratio",
    ),
    (
        "ratio, xz",
        {"MAX_RATIO": 9, "RATIO_GRACE": 9},
        lzma.compress(tar(("p/a", bytes(99_000)))),
        "archive_ratio",
    ),
    ("ratio, zip", {"MAX_RATIO": 9, "RATIO_GRACE": 9}, zipped(("p/a.py", EDGE)), "archive_ratio"),
    ("time, tar", {"MAX_SECONDS": 0}, PLAIN, "archive_timeout"),
    ("time, zip", {"MAX_SECONDS": 0}, zipped(*MIXED), "archive_timeout"),
    ("shared bytes", {}, overlapping(2000, EDGE), "archive_overlap"),
]


@pytest.mark.parametrize(
    ("limits", "archive", "reason"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS]
)
def test_limits(monkeypatch, limits: dict[str, float], archive: bytes, reason: str) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(rules, name, value)
    assert outcome(archive) == {"": reason}


def test_exactly_at_the_limit_of_members(monkeypatch) -> None:
    monkeypatch.setattr(rules, "MAX_MEMBERS", 100)
    files = [(f"p/{i}.py", b"") for i in range(100)]
    assert len(outcome(tar(*files))) == len(outcome(zipped(*files))) == 100


def sparse_map_in_data() -> bytes:
    """A sparse file in pax format 1.0, whose map stands before the data; 18 MB here."""
    records = b"".join(
        map(record, ["GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s.py"])
    )
    data = b"9000000\n" + b"0\n" * 9_000_000
    block = records + bytes(-len(records) % 512)
    body = data + bytes(-len(data) % 512)
    return header("pax", tarfile.XHDTYPE, len(records)) + block + header("s", REG, len(data)) + body


def bombs() -> Iterable[tuple[str, bytes, str]]:
    """Small archives that would be large in memory; the limits are the real ones."""
    zeros = bytes(24 << 20)
    yield "gzip bomb", gzip.compress(header("a.py", REG, 24 << 20) + zeros), "archive_ratio"
    yield "bzip2 bomb", bz2.compress(header("a.py", REG, 24 << 20) + zeros), "archive_ratio"
    yield (
        "code bomb",
        lzma.compress(tar(*((f"p/{i}.py", EDGE) for i in range(20)))),
        "archive_ratio",
    )
    yield (
        "pax bomb",
        gzip.compress(header("pax", tarfile.XHDTYPE, 24 << 20) + zeros),
        "archive_header",
    )
    yield "zip of shared bytes", overlapping(20_000, EDGE), "archive_overlap"
    yield "directory bomb", overlapping(250_000, CODE), "archive_too_many_members"
    yield "old sparse map", gzip.compress(old_sparse(50_000), 1), "kept"
    yield "pax sparse map", gzip.compress(sparse_map_in_data(), 1), "sparse"


def test_bombs_stay_small_and_fast() -> None:
    for name, archive, expected in bombs():
        tracemalloc.start()
        begin = time.process_time()
        outcomes = outcome(archive)
        seconds = time.process_time() - begin
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert expected in outcomes.values(), (name, outcomes)
        assert peak < 40 << 20, (name, peak)
        assert seconds < 10, (name, seconds)


READ_ALL = """
import os, resource, sys
from transforms.lib.archives import ArchiveError, members

def writes(event, args):
    if event in ("os.mkdir", "os.symlink", "os.link", "os.rename", "os.truncate"):
        os._exit(66)
    if event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os._exit(66)

sys.addaudithook(writes)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sorted(os.listdir(sys.argv[1])):
    try:
        with open(os.path.join(sys.argv[1], name), "rb") as stream:
            for member in members(stream, lambda path: path.endswith(".py")):
                pass
    except ArchiveError:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_nothing_is_written_and_memory_stays_small(tmp_path: Path) -> None:
    """A process that would end at its first write reads all hostile archives."""
    (work := tmp_path / "work").mkdir()
    (hostile := tmp_path / "hostile").mkdir()
    for number, (archive, _) in enumerate([*MEMBERS.values(), *ZIPS.values()]):
        (hostile / f"{number}").write_bytes(archive)
    large = header("a.py", REG, 256 << 20) + bytes(40 << 20)
    (hostile / "bomb").write_bytes(lzma.compress(large, preset=9))
    command = [sys.executable, "-B", "-c", READ_ALL, hostile]
    run = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 100_000  # KiB; an xz that was made with -9 takes 65 MiB
    assert list(work.iterdir()) == []


@given(st.data())
def test_damage_gives_members_or_an_archive_error(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                PLAIN,
                gzip.compress(PLAIN, mtime=0),
                zipped(*MIXED),
                old_sparse(2),
                pax(record("path=b.py")),
            ]
        )
    )
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(broken))


def test_content_is_freed_once_used() -> None:
    archive = tar(*((f"p/{i}.py", random.randbytes(900_000)) for i in range(20)))
    tracemalloc.start()
    sizes = [tracemalloc.get_traced_memory()[0] for _ in members(io.BytesIO(archive), wanted)]
    tracemalloc.stop()
    assert len(sizes) == 20 and sizes[-1] < sizes[0] / 5


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_compressed_parts_may_meet_at_any_byte(monkeypatch, block: int) -> None:
    monkeypatch.setattr(inflated, "INFLATE_BYTES", block)
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        assert outcome(compress(PLAIN[:700]) + bytes(9) + compress(PLAIN[700:])) == BOTH
