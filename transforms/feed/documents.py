"""Tokenized documents back to back: what tokenizers give, what packing orders, what files hold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Documents:
    """Documents as tokens, back to back; each ends with the token for the end of a text.

    tokens: uint32[n]; ends: int64[documents], where each document ends in `tokens`; loss: bool[n],
    which tokens training learns to predict.
    """

    tokens: NDArray[np.uint32]
    ends: NDArray[np.int64]
    loss: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each document begins in `tokens`; int64[documents]."""
        return np.concatenate([np.zeros(1, np.int64), self.ends[:-1]])[: len(self.ends)]
