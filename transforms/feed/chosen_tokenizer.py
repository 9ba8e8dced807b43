"""The tokenizer that a run uses: one by name, one of a file, or one that is trained first."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transforms.feed.settings import TOKENIZER_FILE
from transforms.feed.tokenizers import TOKENIZERS, open_tokenizer
from transforms.feed.tokenizers.training import TRAINING_SCHEME, check_vocabulary, train_tokenizer
from transforms.lib.skeleton.storage import Storage, read_file

NONE = "none"


@dataclass(frozen=True)
class ChosenTokenizer:
    """A tokenizer before its run.

    name: one of TOKENIZERS, or TOKENIZER_FILE for one that has no name; content: the file of such
    a one; trained: of how many tokens the one is that is to be trained.
    """

    name: str
    content: bytes = b""
    trained: int | None = None

    @property
    def version(self) -> str:
        """What tells it from any other."""
        if self.trained:
            return f"{TRAINING_SCHEME} {self.trained}"
        return hashlib.sha256(self.content).hexdigest() if self.content else self.name

    def file(self, texts: Callable[[], Iterator[str]]) -> bytes:
        """Its tokenizer.json; `texts` are those to train on."""
        if self.trained:
            return train_tokenizer(texts(), self.trained)
        return self.content or open_tokenizer(self.name).tokenizer_json() or b""


def choose_tokenizer(name: str, trained: int | None) -> ChosenTokenizer | None:
    """The tokenizer of the flags; None for no tokens. Raises UsageError if it is none."""
    if trained:
        check_vocabulary(trained)
        return ChosenTokenizer(TOKENIZER_FILE, trained=trained)
    if name == NONE:
        return None
    open_tokenizer(name)
    known = any(name == each.name for each in TOKENIZERS)
    return ChosenTokenizer(name) if known else ChosenTokenizer(TOKENIZER_FILE, read_file(name))


def put_tokenizer(
    data: Storage, chosen: ChosenTokenizer | None, texts: Callable[[], Iterator[str]]
) -> None:
    """Put the tokenizer.json where workers and trainers find it; without tokens there is none."""
    data.delete(TOKENIZER_FILE)
    if chosen:
        data.put(TOKENIZER_FILE, chosen.file(texts))
