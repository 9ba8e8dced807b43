"""What trainers read, made of examples or problems. A new export is one file and one line here."""

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from schemas.dataset import Dataset
from schemas.exports import EXPORTS_HARBOR, EXPORTS_RL, EXPORTS_SFT, EXPORTS_TEXT
from transforms.feed.exports import harbor, rl, sft, text


class Export(NamedTuple):
    """What `--to` can name.

    help: what it is, and who reads it. Rows of `dataset` are made of examples by `of_examples`, or
    of problems and the split of each by `of_problems`. `files` makes the files that stand beside
    them, by their paths, of a problem and the zip of modules that it imports from (None for none).
    """

    name: str
    help: str
    dataset: Dataset
    of_examples: Callable[[pa.Table], pa.Table] | None = None
    of_problems: Callable[[pa.Table, pa.StringArray], pa.Table] | None = None
    files: Callable[[dict, bytes | None], dict[str, bytes]] | None = None


EXPORTS = (
    Export(
        "text",
        "files as Parquet with `text` (datasets, litdata, torchtitan, datatrove)",
        EXPORTS_TEXT,
        of_examples=text.text_rows,
    ),
    Export(
        "sft",
        "functions and problems as Parquet with `prompt`, `completion`, `messages` (TRL, Axolotl)",
        EXPORTS_SFT,
        of_examples=sft.sft_rows,
    ),
    Export("rl", "problems as Parquet in verl's columns", EXPORTS_RL, of_problems=rl.rl_rows),
    Export(
        "harbor",
        "problems as folders of tasks (Harbor)",
        EXPORTS_HARBOR,
        of_problems=harbor.harbor_rows,
        files=harbor.task_files,
    ),
)
