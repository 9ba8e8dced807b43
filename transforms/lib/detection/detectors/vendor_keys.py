"""Keys whose form says who gave them out, found by the library kingfisher-secret-scanner.

It knows the keys of some hundred services, with checksums and entropies, and what is wrapped in
base64. Nothing here asks a service whether a key is valid: no byte leaves the process.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kingfisher_sdk
import numpy as np
from kingfisher_sdk import Rules, Scanner
from numpy.typing import NDArray

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.finding import HIGH, KEY, LOW, PASSWORD, Finding
from transforms.lib.python.lexing import BACKSLASH, SPACE, byte_flags
from transforms.lib.text.batch import TextBatch

OWN_VERSION = "1"  # of the lists below and of OWN_RULES
CONFIDENCES = ("high", "medium", "low")  # the library's own words
OWN_RULES = Path(__file__).with_name("vendor_rules.yml")
# Rules that the library uses only beside others, but whose values are secret by themselves.
SECRET_HELPERS = frozenset(
    {
        "alibaba-sts-security-token",
        "aws-secret-access-key",
        "exoscale-api-secret",
        "packagistsecret-api-key",
        "polymarket-api-secret",
        "polymarket-passphrase",
    }
)
# Parts of names of rules that find what is no secret: identifiers and keys for browsers.
PUBLIC_PARTS = ("-client-id-", "-access-id-", "-public-", "-pub-", "-username-", "-address-")
PASSWORD_PARTS = ("password", "passphrase", "credential-uri")
# They take what stands in examples of documentation; other detectors judge the same values better.
UNSURE_RULES = frozenset({"generic-credential-uri", "mongodb-connection-string"})
ESCAPED_BLANKS = byte_flags("nrt")  # what a backslash makes line breaks and tabs of
# Another detector finds the same without the lines around the key.
LEFT_OUT = frozenset({"private-key"})


def find_vendor_keys(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the keys in each text."""
    scanner = _scanner()
    data = _readable(texts)
    for index in range(len(texts)):
        content = data[texts.offsets[index] : texts.offsets[index + 1]].tobytes()
        for found in sorted(scanner.scan(content), key=_rank):
            rule = _short(found.rule_id)
            if rule not in LEFT_OUT and (found.visible or rule in SECRET_HELPERS):
                begin, end = found.location["start_offset"], found.location["end_offset"]
                confidence = _confidence(rule, found.confidence)
                yield index, Finding(begin, end, rule, _kind(rule), confidence)


def _readable(texts: TextBatch) -> NDArray[np.uint8]:
    """The bytes of the batch with blanks where the library would be misled.

    It takes bytes with a zero at every other place for UTF-16, and counts otherwise in them; and
    the `n` of "\\nAKIA…" for a letter of the key.
    """
    data = texts.data[: texts.offsets[-1]]
    data = np.where(data == 0, np.uint8(SPACE), data)
    at = np.flatnonzero(data == BACKSLASH)
    at = at[~np.isin(at + 1, texts.offsets)]  # a text may end with a backslash
    at = at[ESCAPED_BLANKS[data[at + 1]]]
    data[at] = data[at + 1] = SPACE
    return data


def _rank(found: kingfisher_sdk.Finding) -> tuple[int, str]:
    """Of two rules that find the same value, the surer one comes first."""
    return CONFIDENCES.index(found.confidence), found.rule_id


def warm_up() -> None:
    """Load the compiled rules, so that forked processes share them."""
    _scanner()


@cache
def _scanner() -> Scanner:
    """The scanner of this process; its compiled rules are kept as the library's cache says.

    That is a private folder of the user, or the one that KF_RULE_CACHE_DIR names; where it cannot
    be written, rules are compiled anew, which takes some seconds.
    """
    return Scanner(Rules([OWN_RULES], confidence="medium"))


def _short(rule_id: str) -> str:
    """The name of a rule without the collection that it comes from.

    >>> _short("betterleaks.github-pat"), _short("veles.secrets/sendgrid")
    ('github-pat', 'sendgrid')
    """
    return rule_id.rpartition("/")[2].removeprefix("betterleaks.").removeprefix("quire.")


def _kind(rule: str) -> str:
    return PASSWORD if any(part in rule for part in PASSWORD_PARTS) else KEY


def _confidence(rule: str, given: str) -> str:
    """HIGH or LOW for what the library says: high, medium or low."""
    is_public = any(part in f"{rule}-" for part in PUBLIC_PARTS)
    return LOW if given == "low" or is_public or rule in UNSURE_RULES else HIGH


VENDOR_KEYS = Detector(
    "vendor_keys", find_vendor_keys, f"{OWN_VERSION}, kingfisher {kingfisher_sdk.__version__}"
)
