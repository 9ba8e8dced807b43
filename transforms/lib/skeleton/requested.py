"""The sources that a run was asked for: `--resume` finishes a killed run without naming them."""

from collections.abc import Iterable

from transforms.lib.skeleton.storage import Storage


def requested_file(stage: str) -> str:
    """The name, relative to DATA, of the list of a stage's sources."""
    return f"_work/{stage}/sources.txt"


def write_requested(data: Storage, stage: str, sources: Iterable[str]) -> None:
    """Write the sources of a run, one a line, until its commit removes them."""
    data.put(requested_file(stage), "\n".join(sources).encode())


def requested(data: Storage, stage: str) -> list[str]:
    """The sources of a run that did not finish; none if there is no such run."""
    name = requested_file(stage)
    return data.read(name).decode().splitlines() if data.exists(name) else []
