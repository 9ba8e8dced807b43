"""SOURCEs of problems to units of work: what each names, how it is read, how large a unit is."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedReader, BytesIO

from transforms.contests.formats import Contest, by_name
from transforms.contests.source_trees import Folders, SourceTree, plan_tree
from transforms.lib.archives import zip as zip_archives
from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.fields import from_json
from transforms.lib.records.input_files import file_bytes, open_file
from transforms.lib.records.json_lines import Lines, plan_lines
from transforms.lib.records.parquet_rows import RowGroup, plan_rows
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import matches

FOLDERS = 64  # in a unit
FOLDERS_OF_ARCHIVE = 1024  # in a unit, which reads the archive anew
RECORD_FILES = (".jsonl", ".jsonl.gz", ".parquet")
HEAD = 1 << 16  # bytes that tell what a file is
ARCHIVES = (*zip_archives.MAGIC, b"BZh", b"\xfd7zXZ\x00")
USTAR = slice(257, 262)  # where a tar says that it is one
PARQUET = b"PAR1"


@dataclass(frozen=True)
class ContestUnit:
    """Some entries of a SOURCE that one worker reads; `index` is its place in the plan."""

    index: int
    contest: str
    source: str
    repo: str
    commit: str | None
    licence: str | None
    part: Folders | Lines | RowGroup

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"


@dataclass(frozen=True)
class Records:
    """A file of records: its pieces, and a digest of its content."""

    parts: tuple[Lines | RowGroup, ...]
    digest: str


Input = SourceTree | Records


def plan_contests(sources: list[str], data: Storage) -> tuple[list[ContestUnit], str]:
    """The units of sources (`FORMAT:PATH`), and a digest of their content that does not depend on
    where they lie; UsageError that names what cannot be read."""
    digest = hashlib.sha256()
    groups: dict[tuple[str, str], tuple[str, list[Input]]] = {}
    for source in sources:
        kind, _, place = source.partition(":")
        contest = by_name(kind)
        for found in _inputs(contest, place, data):
            digest.update(f"{kind}\0{found.digest}\0".encode())
            # The same content named twice is one; trees of a format that unites them are one.
            united = contest.united and isinstance(found, SourceTree)
            _, group = groups.setdefault((kind, "" if united else found.digest), (source, []))
            if found.digest not in [other.digest for other in group]:
                group.append(found)
    names = _names(
        [
            part.file
            for _, group in groups.values()
            for found in group
            if isinstance(found, Records)
            for part in found.parts
        ]
    )
    units: list[ContestUnit] = []
    for (kind, _), (source, group) in groups.items():
        units += _units(by_name(kind), source, group, names, len(units))
    return units, digest.hexdigest()


def _names(files: list[str]) -> dict[str, str]:
    """What files are called: as they are, or where two are called alike with the folders in which
    they differ."""
    paths = sorted(set(files))
    if len({os.path.basename(path) for path in paths}) == len(paths):
        return {path: os.path.basename(path) for path in paths}
    shared = os.path.commonprefix(paths).rpartition("/")[0]
    return {path: path[len(shared) + 1 :] for path in paths}


def _units(
    contest: Contest, source: str, group: list[Input], names: dict[str, str], first: int
) -> Iterator[ContestUnit]:
    trees = [found for found in group if isinstance(found, SourceTree)]
    largest = max(trees, key=lambda tree: sum(map(len, tree.folders.values())), default=None)
    repo = largest.repo if largest else contest.name
    commit, licence = (largest.commit, largest.licence) if largest else (None, None)
    parts = (
        list(_folders(trees))
        if trees
        else [
            replace(part, name=names[part.file])
            for found in group
            if isinstance(found, Records)
            for part in found.parts
        ]
    )
    for index, part in enumerate(parts, first):
        yield ContestUnit(index, contest.name, source, repo, commit, licence, part)


def _folders(trees: list[SourceTree]) -> Iterator[Folders]:
    """The folders of trees, each with its files in all of them, some at a time."""
    names = sorted({name for tree in trees for name in tree.folders})
    size = FOLDERS if all(os.path.isdir(tree.root) for tree in trees) else FOLDERS_OF_ARCHIVE
    for begin in range(0, len(names), size):
        yield Folders(
            tuple(
                (name, tuple((t.root, t.folders[name]) for t in trees if name in t.folders))
                for name in names[begin : begin + size]
            )
        )


def _inputs(contest: Contest, place: str, data: Storage) -> Iterator[Input]:
    """The trees and files that a place names."""
    if not place:
        yield from map(lambda file: _records(contest, file), _own_corpus(contest, data))
    elif os.path.isdir(place):
        yield from _folder(contest, os.path.abspath(place))
    else:
        for file in matches(place):
            yield _file(contest, file)


def _own_corpus(contest: Contest, data: Storage) -> list[str]:
    if "content" not in contest.fields:
        raise UsageError(f"{contest.name}: names no path")
    if read_manifest(data, "corpus") is None:
        raise UsageError(f"{contest.name}: without a path reads the corpus; {data.path()} has none")
    return [f"{data.root.rstrip('/')}/{name}" for name in shard_paths(data, "corpus")]


def _folder(contest: Contest, root: str) -> Iterator[Input]:
    if contest.folder_of:
        tree = plan_tree(root, contest.folder_of)
        if tree.folders:
            yield tree
            return
    files = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(RECORD_FILES)
    )
    if not files or not contest.of_record:
        raise UsageError(f"{root}: nothing in it that {contest.name}: reads")
    for file in files:
        yield _records(contest, file)


def _file(contest: Contest, file: str) -> Input:
    if not _is_archive(file):
        return _records(contest, file)
    if not contest.folder_of:
        raise UsageError(f"{file}: an archive; {contest.name}: reads JSONL and Parquet")
    tree = plan_tree(file, contest.folder_of)
    if not tree.folders:
        raise UsageError(f"{file}: nothing in it that {contest.name}: reads")
    return tree


def _head(file: str) -> bytes:
    with open_file(file) as stream:
        return stream.read(HEAD)


def _inflated(head: bytes) -> bytes:
    """The beginning of a file, gunzipped if it is a gzip file."""
    source, inflated = file_bytes(BufferedReader(BytesIO(head))), b""
    while len(inflated) < HEAD and (block := source.read()):
        inflated += block
    return inflated[:HEAD]


def _is_archive(file: str) -> bool:
    head = _head(file)
    return head.startswith(ARCHIVES) or _inflated(head)[USTAR] == b"ustar"


def _records(contest: Contest, file: str) -> Records:
    if not contest.of_record:
        raise UsageError(f"{file}: a file of records; {contest.name}: reads trees")
    head = _head(file)
    if head.startswith(PARQUET):
        rows, digest = plan_rows(file, contest.fields)
        return Records(tuple(rows), digest)
    _require_fields(file, _inflated(head), contest.fields)
    lines, digest = plan_lines(file)
    return Records(tuple(lines), digest)


def _require_fields(file: str, head: bytes, fields: tuple[str, ...]) -> None:
    """UsageError if the first line is whole and no object with the fields, or no text at all."""
    line, newline, _ = head.lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        raise UsageError(f"{file}: line 1: no JSON object (one a line is needed), nor Parquet")
    if not newline and len(head) >= HEAD:
        return  # longer than what was read of it
    try:
        record = from_json(line.decode("utf-8", "replace"))
    except Rejected as error:
        raise UsageError(f"{file}: line 1: {error.value}") from error
    for name in fields:
        if name not in record:
            raise UsageError(f"{file}: line 1: no field {name!r}; needed are {', '.join(fields)}")
