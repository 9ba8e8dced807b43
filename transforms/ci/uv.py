"""uv, which makes the environments; it comes with quire."""

import os
from functools import cache

from uv import find_uv_bin


@cache
def uv_binary() -> str:
    """The path of uv's program."""
    return os.path.realpath(find_uv_bin())
