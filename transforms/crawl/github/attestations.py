"""Attestations of releases (PEP 740): which commit of which repository a file was built from.

An index passes on what a workflow of the repository signed when it published the file. That is
verified here, without a network, by the keys that sigstore brings: the signature, the certificate
and its entry in the transparency log, that the repository is the one that the index allows to
publish, and that what was signed is the file with our digest.
"""

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.lib.errors import UsageError

if TYPE_CHECKING:
    from pypi_attestations import Attestation

MOST = 8  # attestations of one file that are looked at; there are one or two
# What sigstore's certificates say of the source (fulcio, oid-info.md).
REPOSITORY, COMMIT, REF = (f"1.3.6.1.4.1.57264.1.{number}" for number in (12, 13, 14))
ON_GITHUB = re.compile(r"https://github\.com/(?P<name>[\w-]+/[\w.-]+)", re.ASCII)
SHA1 = re.compile(r"[0-9a-f]{40}")
CACHES = ("XDG_CACHE_HOME", "XDG_DATA_HOME")


class NotAttested(Exception):
    """Nothing verified says what a file was built from; the message says why."""


@dataclass(frozen=True)
class Attested:
    """A commit of OWNER/NAME on GitHub, and the branch or tag that the workflow ran for."""

    repository: str
    commit: str
    ref: str | None


def attested(provenance: bytes, filename: str, sha256: str) -> Attested:
    """What a file of an index was built from, by the provenance object that the index has of it.

    Raises NotAttested, and UsageError if what verifies it is not installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.x509 import ExtensionNotFound
        from pypi_attestations import Distribution, Provenance
        from sigstore.errors import Error
    except ImportError as error:
        raise UsageError(
            "attestations of releases need an extra: pip install 'quire[attestations]'"
        ) from error
    reason = "no attestation"
    with _keys_of_sigstore():
        try:
            file = Distribution(name=filename, digest=sha256)
            bundles = Provenance.model_validate_json(provenance).attestation_bundles
            found = [(each, bundle.publisher) for bundle in bundles for each in bundle.attestations]
            for attestation, publisher in found[:MOST]:
                if publisher.kind != "GitHub":
                    reason = f"published by {publisher.kind}"
                    continue
                attestation.verify(publisher, file, offline=True)
                return _source(attestation)
        # The errors of pydantic and of the library itself are ValueErrors.
        except (ValueError, Error, ExtensionNotFound, UnsupportedAlgorithm) as error:
            reason = " ".join(str(error).split())[:200]
    raise NotAttested(reason)


def _source(attestation: "Attestation") -> Attested:
    """What the certificate of a verified attestation says of the source."""
    claims = attestation.certificate_claims
    repository = ON_GITHUB.fullmatch(claims.get(REPOSITORY, ""))
    commit = SHA1.fullmatch(claims.get(COMMIT, ""))
    if not repository or not commit:
        raise NotAttested("its certificate names no commit on GitHub")
    return Attested(repository["name"], commit[0], claims.get(REF))


@contextlib.contextmanager
def _keys_of_sigstore() -> Iterator[None]:
    """Have sigstore take the keys that it brings: its caches are others on each machine."""
    logging.getLogger("sigstore._internal.tuf").setLevel(logging.ERROR)  # "no updates"
    before = {name: os.environ.get(name) for name in CACHES}
    with tempfile.TemporaryDirectory(prefix="quire-sigstore-") as folder:
        os.environ.update(dict.fromkeys(CACHES, folder))
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
