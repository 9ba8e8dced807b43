"""Repository objects, true and hostile, and the store of those that were seen."""

import os
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import REPOSITORIES
from tests.support.github_repositories import described
from transforms.crawl.github.repository import Repository, remember, remembered
from transforms.lib.network.transfer import FetchError
from transforms.lib.skeleton.storage import Storage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("a/b"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def test_what_an_object_says() -> None:
    found = Repository.from_json(
        described(
            "pallets/click",
            27,
            fork=True,
            parent=described("x/y"),
            archived=True,
            mirror_url="https://example.org/m.git",
        )
    )
    row = found.row()
    assert row["created_at"].isoformat() == "2020-01-01T00:00:00+00:00"
    assert {name: row[name] for name in ("repo", "repo_id", "url", "fork_of", "forge_kb")} == {
        "repo": "pallets/click",
        "repo_id": 27,
        "url": "https://github.com/pallets/click.git",
        "fork_of": "x/y",
        "forge_kb": 120,
    }
    assert (row["archived"], row["mirror"], row["template"]) == (True, True, False)
    assert (found.licence, found.default_branch) == ("MIT", "main")
    other = described("a/b", license={"key": "other", "spdx_id": "NOASSERTION"})
    assert Repository.from_json(other).licence is None


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(sorted(described("a/b")) + ["parent"]), JSON))
def test_a_hostile_object_is_a_row_or_an_error(lies: dict[str, Any]) -> None:
    try:
        row = Repository.from_json(described("a/b", 1) | lies).row()
    except FetchError as error:
        assert error.status == "server_error"
    else:
        pa.Table.from_pylist([row], schema=REPOSITORIES.schema)
        str(row).encode()


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", "../b", "a/..", "a/.", "-a/b", "a/b\n", "a b/c", "é/b", "a/" + 101 * "b"]
)
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(FetchError):
        Repository.from_json(described(name, 1))


@pytest.mark.parametrize("body", [None, [], "x", 1, {}, {"id": True, "full_name": "a/b"}])
def test_what_is_no_object(body: Any) -> None:
    with pytest.raises(FetchError):
        Repository.from_json(body)


def test_what_was_seen_is_remembered(tmp_path: Path) -> None:
    data, seen = Storage(str(tmp_path)), Repository.from_json(described("Pallets/Click", 27))
    assert remembered(data, "pallets/click") is None
    remember(data, seen)
    assert remembered(data, "PALLETS/click") == seen
    (kept,) = [path for path in tmp_path.rglob("*.json")]
    long_ago = time.time() - 40 * 86_400  # it may have other stars by now
    os.utime(kept, (long_ago, long_ago))
    assert remembered(data, "pallets/click") is None
    for damage in ('{"id": 1', "[]", '{"id": 1, "odd": 2}'):
        kept.write_text(damage)
        assert remembered(data, "pallets/click") is None
