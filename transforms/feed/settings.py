"""What a run of feed is asked for, as its workers need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NONE = "none"  # instead of a tokenizer: no tokens are written
TOKENIZERS_FOLDER = "tokenizers"  # below DATA: each tokenizer that tokens were made with, for good


How = Literal["best-fit", "cut"]  # documents are packed


@dataclass(frozen=True)
class FeedSettings:
    """What decides the bytes of a feed, beside its inputs.

    - `weights`: how often the rows of each source are in the feed.
    - `shards`: into how many its examples are spread.
    - `split`: train, validation or all; `language`: that of docstrings, or any.
    - `tokenizer`: its version, or none.
    - `window`: tokens in a window, `packing`: best-fit or cut; None to pack nothing.
    - `fim`: the share of files whose middle is to be filled in.
    - `exports`: the names of the exports to write.
    """

    weights: Mapping[str, float]
    shards: int
    seed: int = 0
    split: str = "train"
    language: str = "en"
    tokenizer: str = NONE
    window: int | None = None
    packing: How = "best-fit"
    fim: float = 0.0
    exports: tuple[str, ...] = ()
