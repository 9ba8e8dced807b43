"""How SOURCEs of problems become units of work: what each names, and how large a unit is."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BufferedReader, BytesIO
from typing import Any

from transforms.contests.formats import FORMATS, Format, by_name
from transforms.contests.source_trees import Folders, SourceTree, plan_tree
from transforms.lib.archives import zip as zip_archives
from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import from_json
from transforms.lib.records.input_files import file_bytes
from transforms.lib.records.json_lines import BYTE_ORDER_MARK, Lines, plan_lines
from transforms.lib.records.parquet_rows import RowGroups, plan_rows
from transforms.lib.skeleton.input_names import matching_files
from transforms.lib.skeleton.parquet_files import open_parquet
from transforms.lib.skeleton.shards import read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage, open_input

FOLDERS_PER_UNIT = 64
ARCHIVE_FOLDERS_PER_UNIT = 1024  # more, because each unit reads the whole archive
RECORD_FILE_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
HEAD_BYTES = 1 << 16  # read from the start of a file to tell its type
ARCHIVE_MAGIC = (*zip_archives.ZIP_MAGIC, b"BZh", b"\xfd7zXZ\x00")
TAR_MAGIC_PLACE = slice(257, 262)  # of `ustar` in a tar file
PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class ContestUnit:
    """Some entries of a SOURCE that one worker reads.

    index: its place in the plan; format_name: of the SOURCE's format; repo, commit, licence: of
    its tree, the latter two None where it does not say; part: what is read.
    """

    index: int
    format_name: str
    repo: str
    commit: str | None
    licence: str | None
    part: Folders | Lines | RowGroups

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as JSON; its part with the name of its kind."""
        fields = vars(self) | {"part": [type(self.part).__name__, *vars(self.part).values()]}
        return json.dumps(list(fields.values())).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "ContestUnit":
        """The unit that was packed."""
        index, format_name, repo, commit, licence, (kind, *part) = json.loads(content)
        entries = PARTS[kind](*map(_as_tuples, part))
        return cls(index, format_name, repo, commit, licence, entries)


PARTS: dict[str, Callable[..., Folders | Lines | RowGroups]] = {
    kind.__name__: kind for kind in (Folders, Lines, RowGroups)
}


def _as_tuples(value: Any) -> Any:
    """A value from JSON with tuples in place of lists."""
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


@dataclass(frozen=True)
class RecordFile:
    """A file of records: its pieces, and a digest of its content."""

    parts: tuple[Lines | RowGroups, ...]
    digest: str


Input = SourceTree | RecordFile


def is_source(source: str) -> bool:
    """Whether an argument names a source of problems: `FORMAT:PATH`, or `doctest:`."""
    kind, colon, _ = source.partition(":")
    return bool(colon) and kind in [known.name for known in FORMATS]


def check_sources(named: list[str]) -> list[str]:
    """The sources, each once. Raises UsageError for what is none."""
    for source in named:
        if not is_source(source):
            known = ", ".join(f"{each.name}:" for each in FORMATS)
            raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
        if not source.isprintable():  # a file name that is not UTF-8 is not printable either
            raise UsageError(f"{source!a}: a source is printable text")
    return list(dict.fromkeys(named))


def plan_contests(sources: list[str], data: Storage) -> tuple[list[ContestUnit], str]:
    """The units of sources (`FORMAT:PATH`), and a digest of their content as hex.

    The digest does not depend on where the sources are. Raises UsageError that names the source or
    file that cannot be read.
    """
    digest = hashlib.sha256()
    groups: dict[tuple[str, str], list[Input]] = {}
    for source in sources:
        kind, _, place = source.partition(":")
        source_format = by_name(kind)
        for each in _inputs(source_format, place, data):
            digest.update(f"{kind}\0{each.digest}\0".encode())
            # The same content named twice is one input; trees that a format unites are one group.
            united = source_format.united and isinstance(each, SourceTree)
            group = groups.setdefault((kind, "" if united else each.digest), [])
            if each.digest not in [other.digest for other in group]:
                group.append(each)
    names = _display_names(
        [
            part.file
            for group in groups.values()
            for each in group
            if isinstance(each, RecordFile)
            for part in each.parts
        ]
    )
    units: list[ContestUnit] = []
    for (kind, _), group in groups.items():
        units += _units(by_name(kind), group, names, len(units))
    return units, digest.hexdigest()


def _display_names(files: list[str]) -> dict[str, str]:
    """What rows call each file: its base name, or if two are the same its path below the folder
    that all files share."""
    paths = sorted(set(files))
    if len({os.path.basename(path) for path in paths}) == len(paths):
        return {path: os.path.basename(path) for path in paths}
    shared = os.path.commonprefix(paths).rpartition("/")[0]
    return {path: path[len(shared) + 1 :] for path in paths}


def _units(
    source_format: Format, group: list[Input], names: dict[str, str], first: int
) -> Iterator[ContestUnit]:
    """The units of a group of inputs; the first has the index `first`."""
    trees = [each for each in group if isinstance(each, SourceTree)]
    largest = max(trees, key=lambda tree: sum(map(len, tree.folders.values())), default=None)
    repo = largest.repo if largest else source_format.name
    commit, licence = (largest.commit, largest.licence) if largest else (None, None)
    parts = (
        list(_folders(trees))
        if trees
        else [
            replace(part, name=names[part.file])
            for each in group
            if isinstance(each, RecordFile)
            for part in each.parts
        ]
    )
    for index, part in enumerate(parts, first):
        yield ContestUnit(index, source_format.name, repo, commit, licence, part)


def _folders(trees: list[SourceTree]) -> Iterator[Folders]:
    """The folders of trees, some at a time; each has its files of all the trees."""
    names = sorted({name for tree in trees for name in tree.folders})
    unpacked = all(os.path.isdir(tree.root) for tree in trees)
    size = FOLDERS_PER_UNIT if unpacked else ARCHIVE_FOLDERS_PER_UNIT
    for begin in range(0, len(names), size):
        yield Folders(
            tuple(
                (name, tuple((t.root, t.folders[name]) for t in trees if name in t.folders))
                for name in names[begin : begin + size]
            )
        )


def _inputs(source_format: Format, place: str, data: Storage) -> Iterator[Input]:
    """The trees and files that a PATH names: a folder, a file, a glob, or nothing for DATA's own
    corpus."""
    if not place:
        yield from (_record_file(source_format, file) for file in _own_corpus(source_format, data))
    elif os.path.isdir(place):
        yield from _folder(source_format, os.path.abspath(place))
    else:
        for file in matching_files(place):
            yield _file(source_format, file)


def _own_corpus(source_format: Format, data: Storage) -> list[str]:
    """The shards of DATA's corpus; UsageError if there are none, or the format reads no code."""
    name = source_format.name
    if "content" not in source_format.fields:
        raise UsageError(f"{name}: names no path")
    if read_manifest(data, "corpus") is None:
        raise UsageError(
            f"{name}: reads the corpus of DATA, and {data.path()} has none; run `quire corpus` "
            f"first, or give {name}:PATH"
        )
    files = shard_files(data, "corpus")
    for file in files:
        open_parquet(file).close()  # one that is gone is told as a shard, with what to do
    return files


def _folder(source_format: Format, root: str) -> Iterator[Input]:
    """A folder as a tree, or else the files of records in it; UsageError if it is neither."""
    if source_format.folder_of:
        tree = plan_tree(root, source_format.folder_of)
        if tree.folders:
            yield tree
            return
    files = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(RECORD_FILE_ENDINGS)
    )
    if not files or not source_format.of_record:
        raise UsageError(f"{root}: nothing in it that {source_format.name}: reads")
    for file in files:
        yield _record_file(source_format, file)


def _file(source_format: Format, file: str) -> Input:
    """A file as an archive or as records, by its content; UsageError if the format reads none."""
    if not _is_archive(file):
        return _record_file(source_format, file)
    if not source_format.folder_of:
        raise UsageError(f"{file}: an archive; {source_format.name}: reads JSONL and Parquet")
    tree = plan_tree(file, source_format.folder_of)
    if not tree.folders:
        raise UsageError(f"{file}: nothing in it that {source_format.name}: reads")
    return tree


def _head(file: str) -> bytes:
    with open_input(file) as stream:
        return stream.read(HEAD_BYTES)


def _inflated(head: bytes) -> bytes:
    """The beginning of a file, gunzipped if it is a gzip file."""
    source, inflated = file_bytes(BufferedReader(BytesIO(head))), b""
    while len(inflated) < HEAD_BYTES and (block := source.read()):
        inflated += block
    return inflated[:HEAD_BYTES]


def _is_archive(file: str) -> bool:
    head = _head(file)
    return head.startswith(ARCHIVE_MAGIC) or _inflated(head)[TAR_MAGIC_PLACE] == b"ustar"


def _record_file(source_format: Format, file: str) -> RecordFile:
    """A file of JSON Lines or Parquet; UsageError if it lacks a field that the format needs."""
    if not source_format.of_record:
        raise UsageError(f"{file}: a file of records; {source_format.name}: reads trees")
    head = _head(file)
    if head.startswith(PARQUET_MAGIC):
        rows, digest = plan_rows(file, source_format.fields)
        return RecordFile(tuple(rows), digest)
    _require_fields(file, _inflated(head), source_format.fields)
    lines, digest = plan_lines(file)
    return RecordFile(tuple(lines), digest)


def _require_fields(file: str, head: bytes, fields: tuple[str, ...]) -> None:
    """Raise UsageError if the first line is no JSON object, or is whole and lacks a field."""
    line, newline, _ = head.removeprefix(BYTE_ORDER_MARK).lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        raise UsageError(f"{file}: line 1: no JSON object (one a line is needed), nor Parquet")
    if not newline and len(head) >= HEAD_BYTES:
        return  # the line is longer than what was read of it
    try:
        record = from_json(line.decode("utf-8", "replace"))
    except Rejected as error:
        raise UsageError(f"{file}: line 1: {error.value}") from error
    for name in fields:
        if name not in record:
            raise UsageError(f"{file}: line 1: no field {name!r}; needed are {', '.join(fields)}")
