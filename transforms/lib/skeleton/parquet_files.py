"""Parquet files, opened and read; an error names the file, and how to mend it if it is a shard."""

import contextlib
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.damage import manifest_entry, repair
from transforms.lib.skeleton.row_groups import PIECE_ROWS
from transforms.lib.skeleton.shards import digest_before
from transforms.lib.skeleton.storage import Storage, is_url, open_file
from transforms.lib.skeleton.versions import DIGESTED_BYTES, file_versions

FOOTER_END = b"....PAR1"  # the footer's length in four bytes, then the magic word
# What Arrow raises for a file that is damaged, cut or gone.
UNREADABLE = (pa.ArrowException, OSError, ValueError)


def open_parquet(file: str, buffer_bytes: int = 0, in_lists: bool = False) -> pq.ParquetFile:
    """The Parquet file at a path or URL; UsageError that names it if it cannot be read.

    Whoever reads from it finds a damaged page by its checksum, where the writer left one, as the
    shards of quire have them. Of columns `buffer_bytes` are read at a time, or all of a row group.
    With `in_lists` texts are of type string_view where the file leaves it open: Arrow copies others
    as they grow, and a list of them has 2 GB at most.
    """
    try:
        opened = open_file(file)
        parquet = pq.ParquetFile(
            opened,
            pre_buffer=False,
            buffer_size=buffer_bytes,
            page_checksum_verification=True,
            binary_type=pa.binary_view() if in_lists else None,
        )
        _ = parquet.schema_arrow.names  # some schemas fail only here
        signed = _footer_length(opened) != parquet.metadata.serialized_size
    except UNREADABLE as error:
        line = f"{file}: not a readable Parquet file ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error
    if signed:
        raise UsageError(f"{file}: Parquet with encrypted columns: decrypt it first")
    return parquet


def _footer_length(file: pa.NativeFile) -> int:
    """How long a footer is as the file says: of encrypted columns, more than what is parsed of it.

    Arrow ends the process where somebody asks for the sizes of an encrypted column.
    """
    file.seek(file.size() - len(FOOTER_END))
    return int.from_bytes(file.read(4), "little")


def read_shard(data: Storage, name: str, columns: list[str] | None = None) -> pa.Table:
    """A shard, or columns of it, by its path below DATA; UsageError if it is damaged."""
    file = data.path(name)
    with open_parquet(file):  # what is no Parquet, or gone, is told as such
        verified([file])
    with open_parquet(file) as parquet, reading(file):
        return parquet.read(columns, use_threads=False)


def verified(files: Sequence[str]) -> dict[str, str]:
    """The digests that manifests have of files, by path or URL; files that none lists are left out.

    They are those from before rows were removed.

    Raises UsageError, with the command that makes it anew, if such a shard is gone or has not the
    size that its manifest says; on this machine, if it has not the digest either. The checksums of
    pages, which a reader verifies, do not cover their headers and the footer.
    """
    entries = {file: entry for file in files if (entry := manifest_entry(file))}
    here = [file for file in entries if not is_url(file)]
    if sum(entries[file]["bytes"] for file in here) <= DIGESTED_BYTES:
        for file, digest in zip(here, file_versions(here), strict=True):
            if digest != entries[file]["sha256"]:
                _find_damage(file)
                raise UsageError(f"{file}: its sha256 is not the manifest's{repair(file)}")
    return {file: digest_before(entry) for file, entry in entries.items()}


def _find_damage(file: str) -> None:
    """Read a whole file; UsageError that names the row group if one cannot be read."""
    with open_parquet(file) as parquet:
        for group in range(parquet.num_row_groups):
            with reading(file, group):
                for _ in parquet.iter_batches(PIECE_ROWS, [group], use_threads=False):
                    pass


def content_versions(files: Sequence[str]) -> dict[str, str]:
    """A text for each file that tells its content from any other, as `plan_units` says."""
    versions = verified(files)
    others = [file for file in files if file not in versions]
    return versions | dict(zip(others, file_versions(others), strict=True))


@contextlib.contextmanager
def reading(file: str, group: int | None = None, last: int | None = None) -> Iterator[None]:
    """A context in which an error of Arrow becomes a UsageError that names file and row groups.

    For a shard of quire it says how to make it anew.
    """
    try:
        yield
    except UNREADABLE as error:
        part = "it" if group is None else f"row group {group}"
        part = part if last in (None, group) else f"row groups {group} to {last}"
        line = f"{file}: {part} cannot be read ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error


def _first_line(error: BaseException) -> str:
    return str(error).split("\n")[0][:200]
