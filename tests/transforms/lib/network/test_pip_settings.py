"""The index and the certificates are those that pip is configured for."""

import subprocess
import sys
from pathlib import Path

import pytest

from transforms.lib.network.pip_settings import ca_bundle, index_url


def test_the_index_is_pips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_CERT", raising=False)
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = http://global/\ncert = /c'a.pem\n[install]\nindex-url = http://i/\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    assert (index_url(), ca_bundle()) == ("http://i", "/c'a.pem")
    monkeypatch.setenv("PIP_INDEX_URL", "http://environment/simple/")
    assert index_url() == "http://environment/simple"


def test_without_settings_the_index_is_pips_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    help_text = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert index_url() in "".join(help_text.split())
