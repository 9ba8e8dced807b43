"""How old a project is: by its commit, by its version in the index, or not known."""

from datetime import date
from typing import Any

import pytest

from tests.support.project_trees import tree
from transforms.ci.attempt import Checkout
from transforms.ci.project_age import day_of
from transforms.lib.network.fetch import FetchError

RELEASES = {"0.9": "2018-01-01", "1.0": "2020-03-01", "1.1": "2020-03-11", "2.0": "2021-01-01"}
NAMED = '[project]\nname = "My.Name"\n'


class Index:
    def listed(self, project: str) -> list[dict[str, Any]]:
        if project != "my-name":
            raise FetchError("gone", project, 404)
        files = [
            {"filename": f"my_name-{version}.tar.gz", "upload-time": f"{day}T12:00:00Z"}
            for version, day in RELEASES.items()
        ]
        odd = [{"filename": "my_name-1.0.zip"}, {"filename": "x", "upload-time": "2020-01-01"}]
        return [*odd, *files]

    def file(self, sha256: str, name: str) -> Any:
        raise AssertionError


def day(pyproject: str, modules: dict[str, str], version: str | None = None) -> date | None:
    project = Checkout(tree({"pyproject.toml": pyproject}), b"", version)
    return day_of(project, modules, Index())


def test_a_commit_has_a_day() -> None:
    project = Checkout(tree({}), b"", None, date(2001, 2, 3))
    assert day_of(project, {}, Index()) == date(2001, 2, 3)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", date(2020, 3, 6)),
        ("1.0.post1", date(2020, 3, 6)),
        ("1.1.dev3", date(2020, 3, 6)),
        ("2.0", date(2022, 1, 1)),
        ("0.1", None),
        ("not a version", None),
    ],
)
def test_a_version_is_between_two_releases(version: str, expected: date | None) -> None:
    assert day(f'{NAMED}version = "{version}"\n', {}) == expected
    assert day(NAMED, {"src/my_name/__init__.py": f"\n__version__ = '{version}'\n"}) == expected


def test_what_names_no_project_or_version_has_no_day() -> None:
    assert day("", {"setup.py": ""}, "1.0") is None
    assert day(NAMED, {"my_name/deep/version.py": "__version__ = '1.0'\n"}) is None
    assert day('[project]\nname = "other"\n', {}, "1.0") is None
