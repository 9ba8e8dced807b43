"""The flags of a run that was killed, and of one that nobody knows."""

from pathlib import Path

import pytest

from transforms.crawl.run_flags import resumed_flags, write_flags
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

FORKS, BOTH = frozenset({"forks"}), frozenset({"forks", "tarball"})


def test_flags_of_a_run_that_has_not_ended(tmp_path: Path) -> None:
    data = Storage(str(tmp_path))
    assert resumed_flags(data, FORKS) == FORKS
    write_flags(data, FORKS)
    assert resumed_flags(data, frozenset()) == resumed_flags(data, FORKS) == FORKS
    with pytest.raises(UsageError, match="begun here without --tarball"):
        resumed_flags(data, BOTH)
