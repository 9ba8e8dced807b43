"""Quotas of repositories and of libraries: which problems are chosen, whatever their order."""

import random
from typing import Any

from transforms.ci.problem_quota import (
    best_of_functions,
    digest_of_library,
    over_quota,
    within_quota,
)


def row(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "problem_id": name,
        "repo": "p",
        "commit": None,
        "path": f"{name}.py",
        "qualname": name,
        "slug": f"m.{name}",
        "level": "standalone",
        "n_tests": 5,
        "outputs": 2,
        "docstring": "Doc.",
        "start_line": 1,
        "is_library": False,
    } | changes


def test_the_best_of_a_repository_are_kept_in_their_order() -> None:
    rows = [
        row("a", docstring=None),
        row("b"),
        row("c", n_tests=1),
        row("d", level="package"),
        row("e"),
    ]
    kept, rejects = within_quota(rows, 2)
    assert [each["problem_id"] for each in kept] == ["b", "e"]
    assert [(each["reason"], each["value"]) for each in rejects] == [
        ("over_quota", "a 2"),
        ("over_quota", "c 2"),
        ("over_quota", "d 2"),
    ]
    assert within_quota(rows, 0) == (rows, [])


def test_functions_of_libraries_have_a_quota_of_their_own() -> None:
    rows = [row("a", is_library=True), row("b")]
    assert within_quota(rows, 1) == (rows, [])
    others = [
        row("a2", slug="m.a", repo="q", n_tests=9),
        row("a", is_library=True),
        row("z", n_tests=1),
        row("y"),
    ]
    for _ in range(3):
        random.Random(1).shuffle(others)
        best, same = best_of_functions(map(digest_of_library, others))
        dropped = [*same, *over_quota(best, 2)]
        assert sorted((each["problem_id"], *why) for each, *why in dropped) == [
            ("a", "library_duplicate", "a2"),
            ("z", "over_quota", "2"),
        ]
    assert not over_quota(best, 0)
