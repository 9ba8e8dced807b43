"""The indexes, the certificates and the rest are those that pip is configured for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.lib.errors import UsageError
from transforms.lib.network.pip_settings import PipSettings, index_urls, pip_settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that pip reads last of all its configuration; nothing of the environment is set."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    return file


def test_the_index_is_pips(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = config.parent / "c'a.pem"
    certificates.touch()
    config.write_text(
        f"[global]\nindex-url = http://global/\ncert = {certificates}\n"
        "[install]\nindex_url = http://i/\n"
    )
    assert (index_urls(), pip_settings().ca_bundle) == (("http://i",), str(certificates))
    monkeypatch.setenv("PIP_INDEX_URL", "http://environment/simple/")
    assert index_urls() == ("http://environment/simple",)
    monkeypatch.setenv("PIP_INDEX_URL", "")  # as if it was not set
    assert index_urls() == ("http://i",)


def test_all_settings(config: Path) -> None:
    config.write_text(
        "[global]\nindex-url = http://i\nextra-index-url =\n  http://j/simple/\n  http://k\n"
        "find-links = /wheels http://l/\npre = yes\ntrusted-host = i\n  j:8080\nproxy = p:3128\n"
        f"cert = {config}\n"
    )
    assert index_urls() == ("http://i", "http://j/simple", "http://k")
    assert pip_settings() == PipSettings(
        ("/wheels", "http://l/"), True, frozenset({"i", "j:8080"}), "p:3128", str(config)
    )


def test_no_index(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text("[global]\nno-index = true\nextra-index-url = http://j\n")
    assert index_urls() == ()
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    assert index_urls()[1:] == ("http://j",)


@pytest.mark.parametrize("text", ["index-url = http://i\n", "[global\n", "[global]\n\xff\x00"])
def test_what_pip_refuses_is_refused(config: Path, text: str) -> None:
    config.write_text(text, "latin-1")
    with pytest.raises(UsageError, match="pip refuses its own configuration: .*pip.conf"):
        index_urls()


@pytest.mark.parametrize("name", ["PIP_CERT", "PIP_CLIENT_CERT", "REQUESTS_CA_BUNDLE"])
def test_certificates_that_are_not_there(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")  # then pip reads no other file either
    monkeypatch.setenv(name, str(config.parent / "none.pem"))
    with pytest.raises(UsageError, match=r"none.pem: no such file"):
        pip_settings()


@pytest.mark.usefixtures("config")
def test_without_settings_the_index_is_pips_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    help_text = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (index,) = index_urls()
    assert index in "".join(help_text.split())
    assert pip_settings() == PipSettings()
