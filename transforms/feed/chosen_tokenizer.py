"""The tokenizer of a run: one by name, one of a file, or one that is trained first.

Each tokenizer that was used stays in DATA, in a file that is called by its name or by the sha256 of
its content: tokens and the tokenizer that made them cannot be mistaken for those of another run.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transforms.feed import STAGE
from transforms.feed.settings import NONE, TOKENIZERS_FOLDER
from transforms.feed.tokenizers import TOKENIZERS, open_tokenizer
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.feed.tokenizers.training import TRAINING_SCHEME, check_vocabulary, train_tokenizer
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

LEFT = f"_work/{STAGE}/plan/tokenizer.json"  # below DATA: which tokenizer a run uses


@dataclass(frozen=True)
class ChosenTokenizer:
    """A tokenizer before its run: of one of TOKENIZERS the name, else content or `trained`.

    trained: how many tokens the one is to have that is trained.
    """

    name: str = ""
    content: bytes = b""
    trained: int | None = None

    @property
    def version(self) -> str:
        """A text that is another for every other tokenizer."""
        if self.trained:
            return f"{TRAINING_SCHEME} {self.trained}"
        return self.name or hashlib.sha256(self.content).hexdigest()


def choose_tokenizer(name: str, trained: int | None, *, fim: bool) -> ChosenTokenizer | None:
    """The tokenizer of the flags; None for no tokens.

    Raises UsageError for what is no tokenizer, or lacks the tokens for fill-in-the-middle if `fim`.
    """
    if trained:
        check_vocabulary(trained)
        return ChosenTokenizer(trained=trained)
    if name == NONE:
        return None
    tokenizer = open_tokenizer(name)
    if fim and tokenizer.fim is None:
        raise UsageError(f"--fim: {name} has no tokens for fill-in-the-middle")
    if any(name == each.name for each in TOKENIZERS):
        return ChosenTokenizer(name)
    return ChosenTokenizer(content=tokenizer.tokenizer_json())


def put_tokenizer(
    data: Storage, chosen: ChosenTokenizer, config: str, texts: Callable[[], Iterator[str]]
) -> None:
    """Put the tokenizer's file below DATA, if it is not there, and leave for workers which it is.

    `texts` are those to train on; a run of the same `config` that trained before it was interrupted
    does not train again.
    """
    earlier = data.read_json(LEFT) or {}
    if earlier.get("config") == config and data.exists(earlier["file"]):
        return
    if chosen.name:
        file = _put(data, chosen.name, open_tokenizer(chosen.name).tokenizer_json)
    else:
        content = train_tokenizer(texts(), chosen.trained) if chosen.trained else chosen.content
        file = _put(data, hashlib.sha256(content).hexdigest(), lambda: content)
    data.put_json(LEFT, {"config": config, "name": chosen.name, "file": file})


def left_tokenizer(data: Storage) -> Tokenizer:
    """The tokenizer of the run that is at work on DATA."""
    left = data.read_json(LEFT)
    return open_tokenizer(left["name"] or data.path(left["file"]))


def _put(data: Storage, name: str, content: Callable[[], bytes]) -> str:
    """Put a tokenizer's file, whose content is made only where it is not there; its name."""
    file = f"{TOKENIZERS_FOLDER}/{name}.json"
    if not data.exists(file):
        data.put(file, content())
    return file
