"""The records in which samples come: of JSON Lines, of JSON arrays, or the files of a folder."""

import json
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import file_bytes, read_text
from transforms.lib.records.record import Record, read_records
from transforms.lib.skeleton.storage import open_input

# Fields of records that are made here: of a list in a JSON array, and of a file in a folder.
LIST, FOLDER, FILE, SOURCE = "generations", "folder", "file", "source"
LARGEST_FILE = 16_000_000  # bytes of a program


def sample_records(path: str, content: BinaryIO | None = None) -> Iterator[Record]:
    """The records of a file or folder, in order.

    `content` is the file at `path` where the caller has opened it. Raises UsageError for what
    cannot be read.
    """
    if path.endswith(".parquet"):
        raise UsageError(f"{path}: samples are JSON Lines, gzipped or plain")
    if os.path.isdir(path):
        return _of_folder(path)
    return _of_array(path, content) if _is_array(path) else read_records(path, content)


def _is_array(path: str) -> bool:
    with open_input(path) as file:
        return file_bytes(file).read().removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def _of_array(path: str, content: BinaryIO | None) -> Iterator[Record]:
    text = read_text(path, content).removeprefix("\ufeff")
    try:
        items, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON ({error!s:.80})") from error
    if text.lstrip()[end:].strip():
        raise UsageError(f"{path}: line 1: not a JSON object but a list")
    for number, item in enumerate(items, 1):
        yield Record(path, f"item {number}", _fields(path, number, item), number - 1)


def _fields(path: str, number: int, item: Any) -> dict[str, Any]:
    if isinstance(item, list):
        return {LIST: item}
    if isinstance(item, dict):
        return item
    raise UsageError(f"{path}: item {number}: neither a JSON object nor a list")


def _of_folder(path: str) -> Iterator[Record]:
    """A record for each file TASK/N.py, by folder and then by number."""
    number = 0
    for folder in _names(path):
        inside = os.path.join(path, folder)
        if not os.path.isdir(inside):
            raise UsageError(f"{path}: {folder}: not a folder; samples are files TASK/N.py")
        for name in sorted(_names(inside), key=lambda name: _number(path, folder, name)):
            place, full = f"{folder}/{name}", os.path.join(inside, name)
            values = {FOLDER: folder, FILE: name, SOURCE: _source(path, place, full)}
            yield Record(path, place, values, number)
            number += 1


def _names(folder: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def _number(path: str, folder: str, name: str) -> int:
    stem, ending = os.path.splitext(name)
    if ending != ".py" or not (stem.isascii() and stem.isdigit()):
        raise UsageError(f"{path}: {folder}/{name}: samples are files TASK/N.py")
    return int(stem[:18])


def _source(path: str, place: str, file: str) -> str:
    """The text of a program. Its line breaks stay as they are."""
    state = os.stat(file)
    if not stat.S_ISREG(state.st_mode) or state.st_size > LARGEST_FILE:
        raise UsageError(f"{path}: {place}: not a file of at most {LARGEST_FILE:,} bytes")
    with open(file, "rb") as opened:
        content = opened.read()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: {place}: not UTF-8 at byte {error.start}") from error
