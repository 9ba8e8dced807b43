"""`tokens`: what the raw files of tokens hold, which stand beside the shards of this dataset."""

import pyarrow as pa

from schemas.dataset import dataset

TOKENS = dataset(
    "tokens",
    "feed",
    "one source's part of one file of tokens",
    ("shard", pa.string(), "the file of tokens beside this shard, without its ending .bin"),
    ("split", pa.string(), "train or validation"),
    ("source", pa.string(), "the dataset of the examples: corpus, functions or problems"),
    ("tokenizer", pa.string(), "its name, or the sha256 of its file"),
    ("dtype", pa.string(), "of a token in the file: uint16 or uint32, little-endian"),
    ("window", pa.int64(), "tokens in a window; null where documents are not packed"),
    ("documents", pa.int64(), "documents; each ends with the token for the end of a text"),
    ("pieces", pa.int64(), "pieces of documents: more than these where windows cut them"),
    ("tokens", pa.int64(), "tokens, those at the ends of documents included, padding not"),
    ("loss_tokens", pa.int64(), "tokens that training learns to predict"),
    ("text_bytes", pa.int64(), "bytes of the documents as UTF-8"),
    ("saved_tokens", pa.int64(), "tokens saved by tokens for runs of blanks"),
)
