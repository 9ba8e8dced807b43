"""A real attestation: that of pypi-attestations 0.0.19, as the package index gave it out.

It is verified without a network, by the keys that sigstore brings.
"""

import base64
import json
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from transforms.crawl.github.attestations import Attested, NotAttested, attested
from transforms.lib.errors import UsageError

REAL = Path(__file__).parent / "pypi_attestations-0.0.19.provenance.json"
FILE = "pypi_attestations-0.0.19.tar.gz"
SHA256 = "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3"
COMMIT = "08802efe1f8e5fec4ad842d6b8ce97656092ee72"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise AssertionError("asks a server")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    yield
    assert not list(tmp_path.iterdir()), "no cache is left in the user's folder"


def test_a_real_attestation_is_verified() -> None:
    found = attested(REAL.read_bytes(), FILE, SHA256)
    assert found == Attested("trailofbits/pypi-attestations", COMMIT, "refs/tags/v0.0.19")


def other(change: Any) -> bytes:
    """The real one, after a change of its only bundle."""
    document = json.loads(REAL.read_bytes())
    change(document["attestation_bundles"][0])
    return json.dumps(document).encode()


def flipped(text: str, place: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[place] ^= 1
    return base64.b64encode(raw).decode()


def other_statement(bundle: dict[str, Any]) -> None:
    envelope = bundle["attestations"][0]["envelope"]
    statement = base64.b64decode(envelope["statement"]).replace(SHA256.encode(), b"0" * 64)
    envelope["statement"] = base64.b64encode(statement).decode()


def other_signature(bundle: dict[str, Any]) -> None:
    envelope = bundle["attestations"][0]["envelope"]
    envelope["signature"] = flipped(envelope["signature"], 20)


def other_certificate(bundle: dict[str, Any]) -> None:
    """The commit in the certificate is another."""
    material = bundle["attestations"][0]["verification_material"]
    raw = base64.b64decode(material["certificate"])
    material["certificate"] = base64.b64encode(
        raw.replace(COMMIT.encode(), COMMIT[::-1].encode())
    ).decode()


FORGED = {
    "another file's digest": (REAL.read_bytes(), FILE, "0" * 64),
    "another file's name": (REAL.read_bytes(), "pypi_attestations-0.0.20.tar.gz", SHA256),
    "no name of a release": (REAL.read_bytes(), "x", SHA256),
    "a digest that was not signed": (other(other_statement), FILE, "0" * 64),
    "a signature that is another": (other(other_signature), FILE, SHA256),
    "a commit that was not certified": (other(other_certificate), FILE, SHA256),
    "another repository may publish": (
        other(lambda bundle: bundle["publisher"].update(repository="evil/pypi-attestations")),
        FILE,
        SHA256,
    ),
    "another workflow may publish": (
        other(lambda bundle: bundle["publisher"].update(workflow="evil.yml")),
        FILE,
        SHA256,
    ),
    "no attestation": (other(lambda bundle: bundle.update(attestations=[])), FILE, SHA256),
    "no log entry": (
        other(
            lambda bundle: bundle["attestations"][0]["verification_material"].update(
                transparency_entries=[]
            )
        ),
        FILE,
        SHA256,
    ),
    "no JSON": (b"<html>", FILE, SHA256),
    "deep JSON": (b'{"attestation_bundles": ' + b"[" * 100_000, FILE, SHA256),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_is_forged_attests_nothing(forged: tuple[bytes, str, str]) -> None:
    with pytest.raises(NotAttested):
        attested(*forged)


def test_no_change_of_a_bit_is_verified_or_is_no_reason() -> None:
    """In what is signed, by whom, and in what proves it."""
    rng = random.Random(7)
    names = (
        ("envelope", "statement"),
        ("envelope", "signature"),
        ("verification_material", "certificate"),
    )
    for _ in range(60):
        outer, inner = rng.choice(names)

        def change(bundle: dict[str, Any], outer: str = outer, inner: str = inner) -> None:
            part = bundle["attestations"][0][outer]
            part[inner] = flipped(part[inner], rng.randrange(len(part[inner]) // 2))

        with pytest.raises(NotAttested):
            attested(other(change), FILE, SHA256)


def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypi_attestations", None)
    with pytest.raises(UsageError, match=r"quire\[attestations\]"):
        attested(REAL.read_bytes(), FILE, SHA256)
