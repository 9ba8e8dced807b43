"""What trainers read, made of examples or problems. A new export is one file and one line here."""

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from schemas.dataset import Dataset
from schemas.exports import EXPORTS_RL, EXPORTS_SFT, EXPORTS_TEXT
from transforms.feed.exports.harbor import task_folders
from transforms.feed.exports.rl import rl_rows
from transforms.feed.exports.sft import sft_rows
from transforms.feed.exports.text import text_rows


class Export(NamedTuple):
    """What `--to` can name.

    help: what it is, and who reads it. Of these one is given: of_examples and of_problems make
    rows of `dataset` of some examples, or of some problems and their split; folders makes files by
    their path of a problem and the zip that it imports from.
    """

    name: str
    help: str
    dataset: Dataset | None = None
    of_examples: Callable[[pa.Table], pa.Table] | None = None
    of_problems: Callable[[pa.Table, str], pa.Table] | None = None
    folders: Callable[[dict, bytes | None], dict[str, bytes]] | None = None


EXPORTS = (
    Export(
        "text",
        "files as Parquet with `text` (datasets, litdata, torchtitan, datatrove)",
        EXPORTS_TEXT,
        of_examples=text_rows,
    ),
    Export(
        "sft",
        "functions and problems as Parquet with `prompt`, `completion`, `messages` (TRL, Axolotl)",
        EXPORTS_SFT,
        of_examples=sft_rows,
    ),
    Export("rl", "problems as Parquet in verl's columns", EXPORTS_RL, of_problems=rl_rows),
    Export("harbor", "problems as folders of tasks (Harbor)", folders=task_folders),
)
