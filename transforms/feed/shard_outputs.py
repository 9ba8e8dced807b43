"""What is made of the examples of a shard beside their rows: tokens, and exports of examples."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.feed.documents import Documents
from transforms.feed.encoding import documents_of, encode_examples
from transforms.feed.exports import EXPORTS
from transforms.feed.fim import encode_fim
from transforms.feed.packing import PADDING, pack
from transforms.feed.settings import FeedSettings
from transforms.feed.token_files import TokenShard, write_tokens
from transforms.feed.token_rows import FileOfTokens, token_rows
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.lib.skeleton.shards import UnitShards

FILES = "corpus"  # the source whose texts have no prompt: their middles may be filled in


def write_example_exports(shards: UnitShards, examples: pa.Table, settings: FeedSettings) -> None:
    """Write the rows of the exports that are made of examples."""
    for export in EXPORTS:
        if export.name in settings.exports and export.dataset and export.of_examples:
            shards.write(export.dataset.name, export.of_examples(examples))


def write_shard_tokens(
    shards: UnitShards, examples: pa.Table, tokenizer: Tokenizer, settings: FeedSettings
) -> None:
    """Write the tokens of a shard's examples to files, and what each source has of them."""
    documents = shard_documents(tokenizer, examples, settings.fim)
    packed, pieces = _packed(documents, tokenizer, settings)
    files = FileOfTokens(f"part-{shards.unit}", settings.split, settings.window)
    sizes = text_bytes(examples)
    rows = token_rows(files, tokenizer, documents, examples["source"], sizes, pieces)
    shards.write("tokens", rows)
    write_tokens(partial(shards.put_file, "tokens"), packed, tokenizer)


def shard_documents(tokenizer: Tokenizer, examples: pa.Table, fim: float) -> Documents:
    """The documents of examples; `fim` is the share of files whose middle is to be filled in."""
    prompts, completions = (_strings(examples, name) for name in ("prompt", "completion"))
    if not fim:
        return encode_examples(tokenizer, prompts, completions)
    is_file = pc.equal(examples["source"], FILES).to_numpy(zero_copy_only=False)
    rates = np.where(is_file, fim, 0.0).tolist()
    apart = encode_fim(tokenizer, _strings(examples, "example_id"), completions, rates)
    return documents_of(tokenizer.end, tokenizer.encode(prompts), apart)


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
