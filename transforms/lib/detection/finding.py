"""What a detector finds: a range of bytes in one text, and what kind of value it holds."""

from typing import NamedTuple

# Kinds: credentials are KEY (keys, tokens, private keys) and PASSWORD; personal are EMAIL and IP.
KEY, PASSWORD, EMAIL, IP = KINDS = ("key", "password", "email", "ip")
CREDENTIALS = (KEY, PASSWORD)
HIGH, LOW = "high", "low"  # confidence: policies act on what is found with high confidence


class Finding(NamedTuple):
    """A value in a text: `begin` and `end` are bytes of the text's UTF-8.

    `rule` says what it was found by, `kind` is one of KINDS, `confidence` HIGH or LOW.
    """

    begin: int
    end: int
    rule: str
    kind: str
    confidence: str = HIGH
