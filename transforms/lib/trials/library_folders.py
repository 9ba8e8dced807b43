"""The folders of packages that programs may import, as --libraries names them."""

import os
from collections.abc import Sequence

from transforms.lib.errors import UsageError


def library_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """The absolute paths of the folders; UsageError if one is none."""
    for folder in folders:
        if not os.path.isdir(folder):
            raise UsageError(f"--libraries {folder}: no such folder")
    return tuple(map(os.path.abspath, folders))
