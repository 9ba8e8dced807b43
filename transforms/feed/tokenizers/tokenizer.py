"""What a tokenizer of the feed is: texts to tokens, a token for the end of a text, its own file."""

from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# The tokens of texts back to back, and where those of each text end; int64[texts].
Encoded = tuple[NDArray[np.uint32], NDArray[np.int64]]


class FimTokens(NamedTuple):
    """The tokens around the parts of a document whose middle is to be filled in."""

    prefix: int
    middle: int
    suffix: int


class Tokenizer(Protocol):
    """A tokenizer, the same on every machine."""

    name: str  # p50k_base, r50k_base, or the sha256 of its file
    vocabulary: int  # ids are below it
    end: int  # the token for the end of a text
    fim: FimTokens | None  # None if it has no such tokens

    def encode(self, texts: pa.StringArray) -> Encoded:
        """The tokens of all texts back to back, and where those of each text end.

        A text that spells a special token is text: no special token comes of it. int64[texts].
        """

    def blanks_saved(self) -> NDArray[np.uint8]:
        """How many tokens each token saves by being a run of blanks alone; uint8[vocabulary].

        Its blanks less one, 0 for every other token.
        """

    def tokenizer_json(self) -> bytes | None:
        """The tokenizer as a tokenizer.json of Hugging Face's `tokenizers`; None if that lacks."""
