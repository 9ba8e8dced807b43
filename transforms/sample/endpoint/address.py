"""The address of an endpoint, its key, and how long and how often it is tried."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Endpoint:
    """The address of an endpoint and how often it is tried.

    `base` is the address before `/completions`, `seconds` the time-out of one try: to be answered,
    and then to be answered completely.
    """

    base: str
    key: str | None = None
    seconds: float = 300.0
    tries: int = 8

    @property
    def public(self) -> str:
        """The address as samples record it, without whatever may be secret in it.

        >>> Endpoint("https://me:word@host:8000/v1?key=word").public
        'https://host:8000/v1'
        """
        parts = urlsplit(self.base)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host, query="", fragment=""))

    def shown(self, text: str) -> str:
        """A text for a message: without the key, and without a password in the address."""
        parts = urlsplit(self.base)
        address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        text = text.replace(self.base, address)
        for secret in filter(None, (self.key, parts.password)):
            text = text.replace(secret, "…")
        return text
