"""Who asks GitHub's interface, and where it is, as the environment says.

GITHUB_TOKEN, or else GH_TOKEN, is a token, or several with commas between. A token is sent to
GITHUB_API_URL and GITHUB_SERVER_URL alone, and stands in no file, row or message.
"""

import os
import re
import string
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from transforms.lib.errors import UsageError

API_URL, SERVER_URL = "https://api.github.com", "https://github.com"
TOKEN = re.compile(f"[{re.escape(string.ascii_letters + string.digits)}._~+/=-]+")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANONYMOUS = "no GITHUB_TOKEN: GitHub answers 60 requests an hour, and 10 searches a minute"


class Bearer(AuthBase):
    """A token for requests, in place of what a .netrc says."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def tokens() -> list[str]:
    """The tokens of the environment.

    Raises UsageError, which does not say them, if one is none or may not be sent to an address.
    """
    for address in (api_url, server_url):
        address()
    named = next((n for n in ("GITHUB_TOKEN", "GH_TOKEN") if os.environ.get(n, "").strip()), None)
    found = [each.strip() for each in os.environ[named].split(",") if each.strip()] if named else []
    if not all(map(TOKEN.fullmatch, found)):
        raise UsageError(f"{named}: holds a character that no token has")
    return list(dict.fromkeys(found))


def api_url() -> str:
    """The address of the REST interface, without a slash at its end."""
    return _address("GITHUB_API_URL", API_URL)


def server_url() -> str:
    """The address below which repositories are, for people and for git."""
    return _address("GITHUB_SERVER_URL", SERVER_URL)


def _address(name: str, default: str) -> str:
    """Raises UsageError for what is no bare http address, or sends a token through a network."""
    url = (os.environ.get(name) or default).rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[@?#\s]", url):
        raise UsageError(f"{name}: no http address without a user name")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{name}: http: sends a token unencrypted; https: is needed")
    return url
