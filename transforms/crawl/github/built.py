"""What releases were built from, kept in DATA until a worker fetches it."""

import contextlib
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

FOLDER = "searches/releases"


@dataclass(frozen=True)
class Built:
    """What a release, NAME==V, was built from: OWNER/NAME on GitHub at one of `refs`.

    `provenance` is attested, if a signature says so, and `refs` is the commit; or it is claimed by
    the release's metadata, and they are tags that it may have. `attestation` is the sha256 of what
    was verified, which is in the archive store.
    """

    repository: str
    refs: tuple[str, ...]
    release: str
    provenance: str
    attestation: str | None = None

    @property
    def place(self) -> str:
        """What a source `github:…` names."""
        return f"{self.repository}@{self.refs[0]}"

    @property
    def row(self) -> dict[str, object]:
        """Its columns of `repositories`."""
        return {"release": self.release, "provenance": self.provenance}


def remember_built(data: Storage, found: Iterable[Built]) -> None:
    """Keep what releases were built from; several of one commit are put together."""
    places: dict[str, Built] = {}
    for each in found:
        key = each.place.lower()
        known = places.get(key)
        places[key] = _together(known, each) if known else each
    for built in places.values():
        data.put_json(_file(built.place), asdict(built))


def _together(one: Built, other: Built) -> Built:
    """Two releases of one place: what is known of both, no more than of the weaker one."""
    release = f"{one.release}, {other.release}"
    weaker = max(one, other, key=lambda each: each.provenance)  # attested < claimed
    refs = tuple(dict.fromkeys([*one.refs, *other.refs]))
    return replace(weaker, release=release, refs=refs)


def built_at(data: Storage, place: str) -> Built | None:
    """What was kept of a place; None if no release is known to be built from there."""
    with contextlib.suppress(UsageError, TypeError):  # damaged
        if fields := data.read_json(_file(place)):
            return Built(**fields | {"refs": tuple(fields["refs"])})
    return None


def _file(place: str) -> str:
    return f"{FOLDER}/{hashlib.sha256(place.lower().encode()).hexdigest()}.json"
