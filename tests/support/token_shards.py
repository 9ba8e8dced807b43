"""Files of tokens outside of a shard, for what reads them."""

import hashlib
from typing import Any

from transforms.feed.token_files import PutFile
from transforms.lib.skeleton.storage import Storage


def below(data: Storage, name: str, entries: list[dict[str, Any]] | None = None) -> PutFile:
    """What puts files at `name` and their endings; `entries` gets what it returns."""

    def put(ending: str, content: bytes) -> dict[str, Any]:
        data.put(f"{name}{ending}", content)
        digest = hashlib.sha256(content).hexdigest()
        entry = {"name": f"{name}{ending}", "bytes": len(content), "sha256": digest}
        if entries is not None:
            entries.append(entry)
        return entry

    return put
