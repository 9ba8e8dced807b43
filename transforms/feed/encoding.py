"""Examples to tokens: a document is prompt, completion and end, with loss on the last two.

A model is given the tokens of a prompt alone, so prompt and completion are encoded apart (DESIGN,
section 5: loss never on a prompt token).
"""

import numpy as np
import pyarrow as pa

from transforms.feed.documents import Documents
from transforms.feed.tokenizers.tokenizer import Encoded, Tokenizer


def encode_examples(
    tokenizer: Tokenizer, prompts: pa.StringArray, completions: pa.StringArray
) -> Documents:
    """The document of each example: its prompt's tokens, its completion's, and the end token.

    Loss is on the tokens of completions and on ends. The arrays are of one length, without nulls.
    """
    return documents_of(tokenizer.end, tokenizer.encode(prompts), tokenizer.encode(completions))


def documents_of(end: int, prompts: Encoded, completions: Encoded) -> Documents:
    """The documents of prompts and completions that are encoded; `end` is the end token."""
    (given, given_ends), (written, written_ends) = prompts, completions
    written = np.insert(written, written_ends, np.uint32(end))
    lengths = np.empty((len(given_ends), 2), np.int64)
    lengths[:, 0] = np.diff(given_ends, prepend=0)
    lengths[:, 1] = np.diff(written_ends, prepend=0) + 1
    loss = np.repeat(np.tile(np.array([False, True]), len(lengths)), lengths.ravel())
    tokens = np.empty(len(loss), np.uint32)
    tokens[~loss] = given
    tokens[loss] = written
    return Documents(tokens, np.cumsum(lengths.sum(axis=1)), loss)
