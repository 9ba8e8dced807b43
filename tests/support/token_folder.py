"""DATA/tokens and DATA/examples as `quire feed` leaves them, for what reads them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.examples import EXAMPLES
from schemas.tokens import TOKENS
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage


def put_tokens(
    data: Path, name: str, tokens: np.ndarray, ends: np.ndarray, loss: np.ndarray, **said: Any
) -> None:
    """The raw files of one file of tokens."""
    storage = Storage(str(data))
    described = {"dtype": str(tokens.dtype), "window": None, "end": 0} | said
    storage.put_json(f"tokens/{name}.json", described)
    storage.put(f"tokens/{name}.bin", tokens.tobytes())
    storage.put(f"tokens/{name}.bin.index", ends.astype("<u8").tobytes())
    storage.put(f"tokens/{name}.bin.loss", loss.astype(bool).tobytes())


def commit_rows(data: Path, dataset: str, rows: list[dict[str, Any]]) -> None:
    """The rows as a committed dataset of DATA; other columns are null."""
    schema = {"tokens": TOKENS, "examples": EXAMPLES}[dataset].schema
    storage = Storage(str(data))
    shards = UnitShards(storage, "feed", "00000", "made")
    shards.write(dataset, pa.Table.from_pylist(rows, schema))
    commit(storage, "feed", [dataset], "made", shards.commit()["shards"])
