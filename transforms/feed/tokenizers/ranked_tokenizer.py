"""A published byte-pair encoding: compiled kernels for most text, tiktoken for the rest."""

import functools
import threading
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import tiktoken
from numpy.typing import NDArray

from transforms.feed.tokenizers.piecewise import Encoded, encode_pieces, scratch
from transforms.feed.tokenizers.published import END_ID, SPLIT, Published
from transforms.feed.tokenizers.ranked_json import ranked_json
from transforms.feed.tokenizers.text_groups import text_groups
from transforms.feed.tokenizers.token_table import token_table
from transforms.feed.tokenizers.tokenizer import FimTokens
from transforms.lib.text.batch import text_batch


class RankedTokenizer:
    """A Tokenizer of an encoding that OpenAI publishes; gives tiktoken's own tokens.

    Pickled as what it is made of: unpickling makes it anew in 0.2 s, once in each process.
    """

    def __init__(self, published: Published) -> None:
        self.published = published
        self.name = published.name
        self.end = END_ID
        self.fim: FimTokens | None = published.fim
        self.vocabulary = max(published.special().values()) + 1
        self._ranks = published.ranks()
        self._table = token_table(self._ranks)
        self._scratch = scratch()
        self._one_at_a_time = threading.Lock()

    def __reduce__(self) -> tuple[Callable[[Published], "RankedTokenizer"], tuple[Published]]:
        return ranked_tokenizer, (self.published,)

    @functools.cached_property
    def tiktoken(self) -> tiktoken.Encoding:
        """The same encoding in tiktoken."""
        return tiktoken.Encoding(
            self.name,
            pat_str=SPLIT,
            mergeable_ranks=self._ranks,
            special_tokens=self.published.special(),
            explicit_n_vocab=self.vocabulary,
        )

    def encode(self, texts: pa.StringArray) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The tokens of all texts back to back, and where those of each text end; int64[texts].

        Raises UnicodeDecodeError if a text is not valid UTF-8.
        """
        batch = text_batch(texts)
        tokens, ends, total = [np.empty(0, np.uint32)], [np.empty(0, np.int64)], 0
        for first, after in text_groups(batch.offsets):
            offsets = batch.offsets[first : after + 1]
            with self._one_at_a_time:
                encoded = encode_pieces(self._table, self._scratch, batch.data, offsets)
            parts, part_ends = self._filled(encoded, batch.data)
            tokens += parts
            ends.append(part_ends + total)
            total = int(ends[-1][-1])
        return np.concatenate(tokens), np.concatenate(ends)

    def _filled(
        self, encoded: Encoded, data: NDArray[np.uint8]
    ) -> tuple[list[NDArray[np.uint32]], NDArray[np.int64]]:
        """The tokens in parts, with those of the gaps, and where those of each text end."""
        parts, lengths, at = [], [0], 0
        for place, begin, end in encoded.gaps.tolist():
            gap = self._by_tiktoken(data[begin:end].tobytes())
            parts += [encoded.tokens[at:place], gap]
            lengths.append(len(gap))
            at = place
        parts.append(encoded.tokens[at:])
        return parts, encoded.ends + np.cumsum(lengths)[encoded.gaps_before]

    def _by_tiktoken(self, text: bytes) -> NDArray[np.uint32]:
        tokens: NDArray[np.uint32] = self.tiktoken.encode_to_numpy(
            text.decode(), disallowed_special=()
        )
        return tokens

    def blanks_saved(self) -> NDArray[np.uint8]:
        """How many tokens each token saves by being a run of blanks alone; uint8[vocabulary]."""
        saved = np.zeros(self.vocabulary, np.uint8)
        for token, rank in self._ranks.items():
            if not token.strip(b" "):
                saved[rank] = len(token) - 1
        return saved

    def tokenizer_json(self) -> bytes:
        """The encoding as a tokenizer.json of Hugging Face's `tokenizers`."""
        return ranked_json(self._table, self.published.special())


@functools.cache
def ranked_tokenizer(published: Published) -> RankedTokenizer:
    """The tokenizer of a published encoding, one in each process."""
    return RankedTokenizer(published)
