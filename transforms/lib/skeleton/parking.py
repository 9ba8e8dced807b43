"""Large values of the exchange wait in storage, where a runner would hold them in memory.

Beam's runner of one machine keeps what crosses a GroupByKey until the run ends, and three times
over while it is grouped. There a value leaves its content beside the stage's work and only says
where; runners of a cluster have a shuffle of their own, and get the content.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.storage import Storage

PARKED = "parked"


@dataclass(frozen=True)
class Parking:
    """A folder under DATA for values that wait; without `in_use` they go with the shuffle."""

    data: Storage
    folder: str
    in_use: bool

    def leave(self, name: str, values: Iterable[Keyed]) -> Iterator[Keyed]:
        """The values, their contents in the file `name`; the same name is the same contents."""
        if not self.in_use:
            yield from values
            return
        contents, at = [], 0
        for key, (tag, content) in values:
            place = json.dumps([tag, name, at, len(content)])
            contents.append(content)
            at += len(content)
            yield key, (PARKED, place.encode())
        self.data.put(f"{self.folder}/{name}", b"".join(contents))

    def fetch(self, values: Iterable[Packed]) -> Iterator[Packed]:
        """The values with their contents, wherever those are."""
        for tag, content in values:
            if tag != PARKED:
                yield tag, content
                continue
            own, name, at, length = json.loads(content)
            with self.data.open(f"{self.folder}/{name}") as file:
                yield own, file.read_at(length, at)
