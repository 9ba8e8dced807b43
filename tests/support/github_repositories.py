"""The repositories of the stand-in for GitHub: some that are named, and many made from a seed."""

import hashlib
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2015, 2026))
QUALIFIER = re.compile(r'(?P<not>-)?(?P<name>\w+):(?P<value>"[^"]*"|\S+)')
RANGE = re.compile(r"(?P<from>[^.*]+|\*)\.\.(?P<to>[^.*]+|\*)|(?P<mark>[<>]=?)?(?P<one>.+)")


@dataclass
class Made:
    """`count` repositories in order of their creation, numbered from `first_id`.

    Repository number i is the same whenever it is asked for. `bursts` are times (seconds since
    1970) at which so many more are made in one second; `forks` and `others` are the shares that
    are forks and that are not in Python.
    """

    count: int = 0
    seed: int = 1
    bursts: dict[int, int] = field(default_factory=dict)
    forks: float = 0.0
    others: float = 0.0
    first_id: int = 1_000_000

    @cached_property
    def created(self) -> list[int]:
        """When each was made."""
        chance = random.Random(self.seed)
        times = [int(chance.uniform(FIRST, LAST)) for _ in range(self.count)]
        times += [at for at, more in self.bursts.items() for _ in range(more)]
        return sorted(times)

    def repository(self, i: int) -> dict[str, Any]:
        """Its object."""
        chance = random.Random(self.seed * 1_000_003 + i)
        fork, other = chance.random() < self.forks, chance.random() < self.others
        created = self.created[i]
        return described(
            f"owner{i % 977}/made-{i}",
            self.first_id + i,
            created_at=iso(created),
            pushed_at=iso(min(LAST, created + chance.randrange(90_000_000))),
            stargazers_count=int(chance.paretovariate(0.8)) - 1,
            fork=fork,
            language="C" if other else "Python",
        )


def iso(seconds: float) -> str:
    """A time as JSON has it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def described(full_name: str, number: int | None = None, **more: Any) -> dict[str, Any]:
    """A repository object, with the fields that matter and some that do not."""
    owner, _, name = full_name.partition("/")
    digest = hashlib.sha256(full_name.lower().encode()).hexdigest()
    number = int(digest[:8], 16) if number is None else number
    return {
        "id": number,
        "node_id": f"R_{number}",
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": {"login": owner, "type": "User"},
        "html_url": f"https://github.com/{full_name}",
        "clone_url": f"https://github.com/{full_name}.git",
        "description": None,
        "fork": False,
        "size": 120,
        "stargazers_count": 3,
        "watchers_count": 3,
        "forks_count": 1,
        "language": "Python",
        "archived": False,
        "disabled": False,
        "is_template": False,
        "mirror_url": None,
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT"},
        "default_branch": "main",
        "created_at": "2020-01-01T00:00:00Z",
        "pushed_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-02T00:00:00Z",
    } | more


def found(query: str, made: Made, named: list[dict[str, Any]]) -> list[Callable[[], dict]]:
    """What a search finds, each made when it is called; ValueError for what is no query."""
    tests = [_test(match) for match in QUALIFIER.finditer(query)]
    if words := QUALIFIER.sub("", query).split():
        tests.append(lambda each: all(word.lower() in each["full_name"] for word in words))
    if "fork:" not in query:
        tests.append(lambda each: not each["fork"])
    low, high = _created(query, made)
    alike = _all_like(made, query)
    results: list[Callable[[], dict]] = [
        partial(made.repository, i)
        for i in range(low, high)
        if alike or all(test(made.repository(i)) for test in tests)
    ]
    return results + [lambda e=e: e for e in named if all(test(e) for test in tests)]


def _created(query: str, made: Made) -> tuple[int, int]:
    """The numbers of the made repositories within all ranges of `created:`."""
    low, high = 0, len(made.created)
    for match in QUALIFIER.finditer(query):
        if match["name"] == "created" and not match["not"]:
            start, end = _times(match["value"].strip('"'))
            low = max(low, bisect_left(made.created, start))
            high = min(high, bisect_right(made.created, end))
    return low, max(low, high)


def _all_like(made: Made, query: str) -> bool:
    """Whether a query asks of made repositories nothing but what is true of all, and a range."""
    asked = {(m["not"], m["name"], m["value"].lower()) for m in QUALIFIER.finditer(query)}
    rest = {each for each in asked if each[:2] != (None, "created")}
    true = {(None, "language", "python"), (None, "fork", "true"), (None, "fork", "false")}
    words = QUALIFIER.sub("", query).strip()
    return rest <= true and not words and not made.forks and not made.others


def _test(match: re.Match[str]) -> Callable[[dict[str, Any]], bool]:
    name, value = match["name"], match["value"].strip('"')
    if name in ("created", "pushed"):
        start, end = _times(value)
        test = lambda each: start <= _seconds(each[f"{name}_at"]) <= end  # noqa: E731
    elif name in ("stars", "size", "forks"):
        low, high = _bounds(value, float)
        column = {"stars": "stargazers_count", "size": "size", "forks": "forks_count"}[name]
        test = lambda each: low <= each[column] <= high  # noqa: E731
    elif name == "language":
        test = lambda each: (each["language"] or "").lower() == value.lower()  # noqa: E731
    elif name == "fork":
        test = {"only": lambda each: each["fork"]}.get(value, lambda each: True)
    elif name in ("archived", "template"):
        column = {"archived": "archived", "template": "is_template"}[name]
        test = lambda each: each[column] == (value == "true")  # noqa: E731
    elif name in ("user", "org"):
        test = lambda each: each["full_name"].lower().startswith(f"{value.lower()}/")  # noqa: E731
    elif name == "license":
        test = lambda each: (each["license"] or {}).get("key") == value.lower()  # noqa: E731
    else:
        raise ValueError(f"{name}: is no qualifier")
    return (lambda each: not test(each)) if match["not"] else test


def _times(value: str) -> tuple[float, float]:
    return _bounds(
        value, _seconds, lambda text: _seconds(text) + (86_399 if len(text) == 10 else 0)
    )


def _seconds(text: str) -> float:
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _bounds(
    value: str, first: Callable[[str], float], last: Callable[[str], float] | None = None
) -> tuple[float, float]:
    """The least and the most that a qualifier takes: `5..9`, `*..9`, `>=5`, `5`."""
    last, found = last or first, RANGE.fullmatch(value)
    if not found:
        raise ValueError(f"{value}: is no range")
    if found["one"] is None:
        low = float("-inf") if found["from"] == "*" else first(found["from"])
        return low, float("inf") if found["to"] == "*" else last(found["to"])
    one, mark = found["one"], found["mark"]
    if mark in (">", ">="):
        return (first(one) if mark == ">=" else last(one) + 1), float("inf")
    if mark in ("<", "<="):
        return float("-inf"), (last(one) if mark == "<=" else first(one) - 1)
    return first(one), last(one)


def pages(results: list, page: int, per_page: int) -> Iterator[dict]:
    """The objects of one page."""
    for make in results[(page - 1) * per_page : page * per_page]:
        yield make()
