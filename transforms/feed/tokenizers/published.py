"""OpenAI's published byte-pair encodings, from the one list of tokens that ships with quire.

A token's rank is its id. p50k_base, Codex's, is r50k_base and 24 tokens for runs of 2 to 25 blanks
(arXiv:2107.03374, section 3.2).
"""

import base64
import hashlib
import lzma
from dataclasses import dataclass
from importlib.resources import files

from transforms.feed.tokenizers.tokenizer import FimTokens

R50K_FILE = "r50k_base.tokens.xz"  # each token after a byte that holds its length, by rank
END_OF_TEXT = "<|endoftext|>"
END_ID = 50256  # the first id that is no rank of r50k_base
BLANKS_ID = 50255  # n blanks, from two on, are token BLANKS_ID + n of p50k_base
# As in OpenAI's p50k_edit, where they are the ids after the last rank.
FIM_SPELLED = "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"
# GPT-2's: contractions, words, numbers, other characters and white space, as tiktoken writes it.
SPLIT = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"


@dataclass(frozen=True)
class Published:
    """An encoding that OpenAI publishes. sha256: of its .tiktoken file, in tiktoken's source."""

    name: str
    longest_blanks: int  # the longest run of blanks that is a token
    sha256: str

    def ranks(self) -> dict[bytes, int]:
        """The tokens and their ids; raises ValueError if these are not the published ones."""
        ranks = {token: rank for rank, token in enumerate(_r50k_tokens())}
        ranks |= {b" " * n: BLANKS_ID + n for n in range(2, self.longest_blanks + 1)}
        if hashlib.sha256(_tiktoken_file(ranks)).hexdigest() != self.sha256:
            raise ValueError(f"{R50K_FILE}: damaged: not the tokens of {self.name}")
        return ranks

    @property
    def fim(self) -> FimTokens:
        """The ids of the tokens for filling in the middle: those after all others."""
        first = BLANKS_ID + max(2, self.longest_blanks + 1)
        return FimTokens(first, first + 1, first + 2)

    def special(self) -> dict[str, int]:
        """The tokens that no text spells, and their ids."""
        return {END_OF_TEXT: END_ID, **dict(zip(FIM_SPELLED, self.fim, strict=True))}


P50K_BASE = Published(
    "p50k_base", 25, "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"
)
R50K_BASE = Published(
    "r50k_base", 1, "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
)


def _r50k_tokens() -> list[bytes]:
    """The tokens in the file that ships, by rank."""
    content = lzma.decompress(files("transforms.feed.tokenizers").joinpath(R50K_FILE).read_bytes())
    tokens, at = [], 0
    while at < len(content):
        after = at + 1 + content[at]
        tokens.append(content[at + 1 : after])
        at = after
    return tokens


def _tiktoken_file(ranks: dict[bytes, int]) -> bytes:
    """The ranks as a .tiktoken file: lines of a token in base64 and its rank."""
    return b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ranks.items())
