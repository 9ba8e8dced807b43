"""Arguments in files: in every encoding, within one another, and what cannot be read."""

from pathlib import Path

import pytest

from pipelines.running.arguments import read_arguments
from transforms.lib.errors import UsageError


def test_files_of_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("more").write_text("# sources\npypi:a  # and why\n\n@last\n")
    Path("last").write_bytes("--workers=1\r\ndir:a b\r\n".encode("utf-16"))
    assert read_arguments(["crawl", "d", "@more", "@"]) == [
        *("crawl", "d", "pypi:a", "--workers=1", "dir:a b", "@")
    ]
    assert read_arguments(["sql", "d", "@more"]) == ["sql", "d", "@more"]


@pytest.mark.parametrize("name", ["nowhere", ".", "circle", "binary"])
def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("circle").write_text("@circle\n")
    Path("binary").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UsageError, match=name):
        read_arguments(["crawl", f"@{name}"])
