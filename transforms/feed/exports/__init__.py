"""What trainers read, made of examples or problems. A new export is one file and one line here."""

from typing import Literal, NamedTuple

from schemas.dataset import Dataset
from schemas.exports import EXPORTS_RL, EXPORTS_SFT, EXPORTS_TEXT
from transforms.feed.exports import harbor, rl, sft, text


class Export(NamedTuple):
    """What `--to` can name, as `name` has it.

    dataset: the rows that it writes, None if it writes folders; takes: what it is made of.
    """

    name: str
    dataset: Dataset | None
    takes: Literal["examples", "problems"]


EXPORTS = (
    Export(text.NAME, EXPORTS_TEXT, "examples"),
    Export(sft.NAME, EXPORTS_SFT, "examples"),
    Export(rl.NAME, EXPORTS_RL, "problems"),
    Export(harbor.NAME, None, "problems"),
)
