"""Large values of the exchange, spilled to storage where a runner would hold them in memory.

Beam's runner for one machine keeps what crosses a GroupByKey in memory until the run ends, and
needs three times as much while it groups. There the contents of values go to a file beside the
stage's work, and only their places cross the GroupByKey. The runners of a cluster shuffle on disk:
they get the contents themselves.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.lib.skeleton.exchange import Keyed, Packed
from transforms.lib.skeleton.storage import Storage

SPILLED = "spilled"  # the tag of a value that says where its content is


@dataclass(frozen=True)
class Spill:
    """A folder under `data` for the contents of values; if not `enabled`, values stay whole."""

    data: Storage
    folder: str
    enabled: bool

    def write(self, name: str, values: Iterable[Keyed]) -> Iterator[Keyed]:
        """The values with their contents replaced by their places in the file `name`.

        The file is written when all values were taken. The caller must use a name for the same
        contents only, so that a retry writes the same file.
        """
        if not self.enabled:
            yield from values
            return
        contents, begin = [], 0
        for key, (tag, content) in values:
            place = json.dumps([tag, name, begin, len(content)])
            contents.append(content)
            begin += len(content)
            yield key, (SPILLED, place.encode())
        # A run that is cut off spills anew: nothing here has to outlive a power cut.
        self.data.put(f"{self.folder}/{name}", b"".join(contents), durable=False)

    def read(self, values: Iterable[Packed]) -> Iterator[Packed]:
        """The values with their contents, read from storage where they were spilled."""
        for tag, content in values:
            if tag != SPILLED:
                yield tag, content
                continue
            own_tag, name, begin, length = json.loads(content)
            with self.data.open(f"{self.folder}/{name}") as file:
                yield own_tag, file.read_at(length, begin)
