"""The flags of a run that sources ask for; --resume goes on with those that it was begun with."""

from transforms.crawl import STAGE
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

FLAGS = ("forks", "tarball")
SCHEME = "flags"  # what the manifests of a crawl that has ended say of them
UNFINISHED = f"_work/{STAGE}/flags.txt"  # until the commit removes it


def write_flags(data: Storage, flags: frozenset[str]) -> None:
    """Keep the flags of a run that begins."""
    data.put(UNFINISHED, " ".join(sorted(flags)).encode())


def schemes(flags: frozenset[str]) -> dict[str, str]:
    """What manifests say of the flags; nothing if there are none."""
    return {SCHEME: " ".join(sorted(flags))} if flags else {}


def resumed_flags(data: Storage, given: frozenset[str]) -> frozenset[str]:
    """The flags of the run that is resumed, or `given` if there is none.

    Raises UsageError if `given` has one that the run had not: it would not hold for all rows.
    """
    earlier = _earlier(data)
    if earlier is None:
        return given
    if others := sorted(given - earlier):
        raise UsageError(
            f"{data.path()}: crawl was begun here without --{others[0]}; --resume goes on without "
            "it, --overwrite starts anew with it"
        )
    return earlier


def _earlier(data: Storage) -> frozenset[str] | None:
    """The flags of the run that has not ended, else of the one that is committed, if any."""
    if data.exists(UNFINISHED):
        return frozenset(data.read(UNFINISHED).decode().split())
    manifest = read_manifest(data, "repositories")
    if manifest is None:
        return None
    return frozenset(manifest.get("schemes", {}).get(SCHEME, "").split())
