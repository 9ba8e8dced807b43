"""Which files a name on the command line stands for: a path, a folder, a glob, or a URL."""

import fnmatch
import glob
import os
import re
from collections import Counter
from collections.abc import Callable

import pyarrow as pa

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage, is_url

GLOB_CHARACTER = re.compile(r"[*?\[]")


def matching_files(pattern: str, wanted: Callable[[str], bool] | None = None) -> list[str]:
    """The files that a glob matches, as absolute paths or URLs, sorted; UsageError if none does.

    A file or folder that is there goes before a glob: `set[1]/a.parquet` is that file. `wanted`
    says which files of a folder are taken, by name; without it a folder is no answer.
    """
    files = _at_url(pattern, wanted) if is_url(pattern) else _here(pattern, wanted)
    if not files and (os.path.isdir(pattern) or glob.glob(pattern)):
        raise UsageError(f"{pattern}: a folder without a file of a kind that is read")
    if not files:
        raise UsageError(f"{pattern}: no such file")
    return sorted(files)


def left_out(pattern: str, wanted: Callable[[str], bool]) -> str:
    """How many files of a folder `matching_files` does not take, in words by ending, or nothing."""
    others = [] if is_url(pattern) or not os.path.isdir(pattern) else files_below(pattern)
    endings = Counter(
        os.path.splitext(file)[1] or os.path.basename(file) for file in others if not wanted(file)
    )
    shown = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common(5))
    return f"{endings.total():,} files of {pattern} are not read ({shown})" if endings else ""


def is_parquet(file: str) -> bool:
    """Whether a file of a folder is read as Parquet, by its name."""
    return file.lower().endswith((".parquet", ".pq"))


def _here(pattern: str, wanted: Callable[[str], bool] | None) -> set[str]:
    names = [pattern] if os.path.exists(pattern) else glob.glob(pattern, recursive=True)
    files = set()
    for name in map(os.path.abspath, names):
        if wanted and os.path.isdir(name):
            files |= {file for file in files_below(name) if wanted(file)}
        else:
            files.add(name)
    return files


def files_below(folder: str) -> list[str]:
    """The files below a folder of this machine, sorted, but for those of hidden names."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(place, name) for name in names if not name.startswith(".")]
    return sorted(file for file in found if os.path.isfile(file))


def _at_url(url: str, wanted: Callable[[str], bool] | None) -> set[str]:
    try:
        return set(_found_at_url(url, wanted))
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{url}: cannot be listed ({str(error).splitlines()[0]:.200})") from error


def _found_at_url(url: str, wanted: Callable[[str], bool] | None) -> list[str]:
    folder, _, last = url.rstrip("/").rpartition("/")
    if not folder.endswith(":/") and Storage(folder).exists(last):
        return [url]
    magic = GLOB_CHARACTER.search(url)
    if not magic:
        names = Storage(url).list("", recursive=True) if wanted else []
        return [f"{url.rstrip('/')}/{name}" for name in names if wanted and wanted(name)]
    folder = url[: magic.start()].rpartition("/")[0]
    parts = url[len(folder) + 1 :].split("/")
    names = Storage(folder).list("", recursive=len(parts) > 1 or parts == ["**"])
    return [f"{folder}/{name}" for name in names if _matches(name.split("/"), parts)]


def _matches(names: list[str], parts: list[str]) -> bool:
    """Whether a path matches a glob, both in parts; `**` is any number of folders.

    As in a shell, no wildcard begins with a dot.

    >>> _matches(["a", "b", "x.parquet"], ["**", "*.parquet"]), _matches(["a", "x"], ["*"])
    (True, False)
    """
    if not parts or not names:
        return not names and all(part == "**" for part in parts)
    if names[0].startswith(".") and not parts[0].startswith("."):
        return parts[0] == "**" and _matches(names, parts[1:])
    if parts[0] == "**":
        return _matches(names, parts[1:]) or _matches(names[1:], parts)
    return fnmatch.fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])
