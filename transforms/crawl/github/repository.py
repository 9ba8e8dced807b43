"""A repository as GitHub's REST interface describes it, and a store of those seen already."""

import contextlib
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from transforms.crawl.github.access import server_url
from transforms.lib.errors import UsageError
from transforms.lib.network.page_cache import page_file
from transforms.lib.network.transfer import FetchError
from transforms.lib.skeleton.storage import Storage

FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII)
MOST_CHARACTERS = 255  # of a branch, a licence or an address
LARGEST = 2**63 - 1  # of a column
KEPT_SECONDS = 30 * 86_400.0  # a crawl of what a search has found may take days
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Repository:
    """What a repository object says; None for what it does not, or not as it should."""

    id: int
    full_name: str
    default_branch: str | None = None
    fork: bool | None = None
    parent: str | None = None
    archived: bool | None = None
    mirror_url: str | None = None
    is_template: bool | None = None
    size: int | None = None  # kB, with all history
    stars: int | None = None
    forks: int | None = None
    licence: str | None = None
    created_at: str | None = None
    pushed_at: str | None = None

    @classmethod
    def from_json(cls, body: Any) -> "Repository":
        """The repository of a JSON object; FetchError if it lacks a number or a name."""
        found = body if isinstance(body, Mapping) else {}
        number, name = _number(found.get("id")), _name(found)
        if number is None or name is None:
            raise FetchError("server_error", "an answer that describes no repository")
        licence = _text(_inside(found, "license").get("spdx_id"))
        return cls(
            number,
            name,
            _text(found.get("default_branch")),
            _truth(found.get("fork")),
            _name(_inside(found, "parent")),
            _truth(found.get("archived")),
            _text(found.get("mirror_url")),
            _truth(found.get("is_template")),
            _number(found.get("size")),
            _number(found.get("stargazers_count")),
            _number(found.get("forks_count")),
            None if licence == "NOASSERTION" else licence,
            _date(found.get("created_at")),
            _date(found.get("pushed_at")),
        )

    @property
    def clone_url(self) -> str:
        """Where git fetches it: on the server of the environment, whatever the object says."""
        return f"{server_url()}/{self.full_name}.git"

    def row(self) -> dict[str, Any]:
        """Its columns of `repositories`."""
        return {
            "repo": self.full_name,
            "repo_id": self.id,
            "url": self.clone_url,
            "stars": self.stars,
            "forks": self.forks,
            "fork": self.fork,
            "fork_of": self.parent,
            "archived": self.archived,
            "mirror": self.mirror_url is not None,
            "template": self.is_template,
            "forge_kb": self.size,
            "created_at": _time(self.created_at),
            "pushed_at": _time(self.pushed_at),
        }


def remember(data: Storage, repository: Repository) -> None:
    """Keep a repository, so that it need not be asked for again."""
    data.put_json(_file(repository.full_name), asdict(repository), durable=False)


def remembered(data: Storage, full_name: str) -> Repository | None:
    """The repository that was kept by this name in the last month; None if none is, or damaged."""
    file = _file(full_name)
    with contextlib.suppress(UsageError, TypeError):
        if (data.modified(file) or 0) / 1e9 > time.time() - KEPT_SECONDS:
            return Repository(**data.read_json(file))
    return None


def _file(full_name: str) -> str:
    return page_file(full_name.lower())


def _inside(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    return value if isinstance(value, Mapping) else {}


def _name(found: Mapping[str, Any]) -> str | None:
    text = _text(found.get("full_name"))
    return text if text and FULL_NAME.fullmatch(text) else None


def _text(value: Any) -> str | None:
    usable = isinstance(value, str) and value.isprintable() and len(value) <= MOST_CHARACTERS
    return value if usable and value else None


def _number(value: Any) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if usable else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> str | None:
    return value if isinstance(value, str) and DATE.fullmatch(value) and _time(value) else None


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
