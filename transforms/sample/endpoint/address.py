"""The address of an endpoint, its key, and how long and how often it is tried."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from transforms.lib.errors import UsageError

# Characters of the shortest secret. What is shorter is there because a client insists on a key
# ("x", "-"), and would be hidden all over a message.
SECRET_CHARACTERS = 4


@dataclass(frozen=True)
class Endpoint:
    """The address of an endpoint and how often it is tried.

    `base` is the address before `/completions`, `seconds` the time-out of one try: to be answered,
    and then to be answered completely. Raises UsageError for an address or a key that cannot be
    one; the message holds neither.
    """

    base: str
    key: str | None = None
    seconds: float = 300.0
    tries: int = 8

    def __post_init__(self) -> None:
        if not _is_address(self.base):
            raise UsageError("OPENAI_BASE_URL: set it to the endpoint, such as http://HOST:PORT/v1")
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            raise UsageError("OPENAI_API_KEY: it holds a character that no key can hold")

    def url(self, path: str) -> str:
        """The address of a path under the endpoint; a query of the endpoint stays behind it.

        >>> Endpoint("https://host/v1?api-version=2").url("completions")
        'https://host/v1/completions?api-version=2'
        """
        parts = urlsplit(self.base)
        under = f"{parts.path.rstrip('/')}/{path}"
        return urlunsplit(parts._replace(path=under, fragment=""))

    @property
    def public(self) -> str:
        """The address as samples and messages hold it, without whatever may be secret in it.

        >>> Endpoint("https://me:word@host:8000/v1/?key=word").public
        'https://host:8000/v1'
        """
        parts = urlsplit(self.base)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))

    def shown(self, text: str) -> str:
        """A text for a message: without the key, and without the secrets of the address."""
        parts = urlsplit(self.base)
        word = parts.password or ""
        for secret in (self.key or "", word, unquote(word), parts.query):
            if len(secret) >= SECRET_CHARACTERS:
                text = text.replace(secret, "…")
        return text


def _is_address(base: str) -> bool:
    try:
        parts = urlsplit(base)
        _ = parts.port  # a ValueError, if it is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
