"""What every file below a folder holds as text: shards, archives and tokens among them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from transforms.feed.tokenizers import open_tokenizer
from transforms.feed.tokenizers.ranked_tokenizer import RankedTokenizer


def texts_of(data: Path) -> Iterator[tuple[Path, str]]:
    """What every file below DATA holds, shards, archives and tokens as text."""
    tokenizer = open_tokenizer("p50k_base")
    assert isinstance(tokenizer, RankedTokenizer)
    for path in (path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pylist())
        elif path.suffix == ".bin":
            yield path, tokenizer.tiktoken.decode(np.frombuffer(content, "<u2").tolist())
        elif content.startswith(b"PK"):
            with zipfile.ZipFile(path) as zipped:
                yield path, "".join(zipped.read(n).decode("latin-1") for n in zipped.namelist())
        else:
            yield path, content.decode("latin-1")
