"""What is made of the examples of a shard beside their rows: tokens, and exports of examples."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.feed.documents import Documents
from transforms.feed.encoding import documents_of, encode_examples
from transforms.feed.exports import EXPORTS
from transforms.feed.feed_sources import FILES
from transforms.feed.fim import encode_fim
from transforms.feed.packing import PADDING, pack
from transforms.feed.settings import FeedSettings
from transforms.feed.token_files import TokenShard, write_tokens
from transforms.feed.token_rows import FileOfTokens, token_rows
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.lib.skeleton.shards import UnitShards


def write_example_exports(shards: UnitShards, examples: pa.Table, settings: FeedSettings) -> None:
    """Write the rows of the exports that are made of examples."""
    for export in EXPORTS:
        if export.name in settings.exports and export.of_examples:
            shards.write(export.dataset.name, export.of_examples(examples))


def write_shard_tokens(
    shards: UnitShards, examples: pa.Table, tokenizer: Tokenizer, settings: FeedSettings
) -> None:
    """Write the tokens of a shard's examples to files, and what each source has of them."""
    documents = shard_documents(tokenizer, examples, settings)
    packed, pieces = _packed(documents, tokenizer, settings)
    files = FileOfTokens(shards.name, examples["split"][0].as_py(), settings.window)
    sizes = text_bytes(examples)
    rows = token_rows(files, tokenizer, documents, examples["source"], sizes, pieces)
    shards.write("tokens", rows)

    def put(ending: str, content: bytes) -> dict[str, Any]:
        return shards.put_file("tokens", shards.name + ending, content)

    write_tokens(put, packed, tokenizer)


def shard_documents(tokenizer: Tokenizer, examples: pa.Table, settings: FeedSettings) -> Documents:
    """The documents of examples, some of the files with their middle to be filled in."""
    prompts, completions = (_strings(examples, name) for name in ("prompt", "completion"))
    if not settings.fim:
        return encode_examples(tokenizer, prompts, completions)
    sources = examples["source"].to_pylist()
    rates = [settings.fim if source == FILES.name else 0.0 for source in sources]
    apart = encode_fim(tokenizer, _copies(examples, settings.seed), completions, rates)
    return documents_of(tokenizer.end, tokenizer.encode(prompts), apart)


def _copies(examples: pa.Table, seed: int) -> pa.StringArray:
    """What names each copy of an example in a feed of this seed."""
    ids = zip(examples["example_id"].to_pylist(), examples["copy"].to_pylist(), strict=True)
    return pa.array([f"{seed}:{example_id}:{copy}" for example_id, copy in ids], pa.string())


def _packed(
    documents: Documents, tokenizer: Tokenizer, settings: FeedSettings
) -> tuple[TokenShard, NDArray[np.int64] | None]:
    """The documents as they are to be written, and how many pieces each is cut into."""
    if settings.window is None:
        return TokenShard(documents), None
    packed = pack(documents, settings.window, tokenizer.end, settings.packing)
    pieces = np.bincount(packed.documents[packed.documents != PADDING], minlength=len(documents))
    laid_out = Documents(packed.tokens, packed.ends, packed.loss)
    return TokenShard(laid_out, settings.window), pieces


def text_bytes(examples: pa.Table) -> NDArray[np.int64]:
    """The bytes of prompt and completion of each example as UTF-8; int64[n]."""
    sizes = (pc.binary_length(examples[name]) for name in ("prompt", "completion"))
    total: NDArray[np.int64] = sum(size.to_numpy().astype(np.int64) for size in sizes)
    return total


def _strings(examples: pa.Table, name: str) -> pa.StringArray:
    """A column as one array."""
    return examples[name].combine_chunks()
