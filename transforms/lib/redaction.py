"""URLs without their secrets, and the secrets of a run, which stand in no row, file or message.

A command takes the secrets out of its arguments, and everything behind it has the bare URLs; only
`Storage` puts them back. Workers on this machine find them in the environment.
"""

import json
import os
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

SECRETS = "QUIRE_URL_SECRETS"  # the variable: JSON of the whole URL by its bare form
# A URL in a text, up to what cannot be in one.
URL = re.compile(r"""\b(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>[^\s"'<>]*)""", re.IGNORECASE)
# What Arrow takes in a query that is no secret; all else may be one.
PUBLIC = {"region", "scheme", "endpoint_override", "allow_bucket_creation", "project_id"}
DIGEST = re.compile(r"sha(256|384|512)=[0-9a-f]+")  # in the fragment of an index's link
WEB = re.compile("https?", re.IGNORECASE)  # schemes with which a server's name ends at a slash
STORAGE = {"s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs"}
# Where other URLs are files to read: sources, and Parquet that is read in place.
FILE_ARGUMENT = re.compile(
    r"([^:=\s]+=)?(archive|parquet|stack|dir|git):|--(files|exclude|opt-out)="
)


def redacted(text: str) -> str:
    """The text, with its URLs without user name, password, fragment and tokens in the query.

    >>> redacted("s3://KEY:SECRET@bucket/a.zip?region=eu&token=x is no archive")
    's3://bucket/a.zip?region=eu is no archive'
    """
    return URL.sub(lambda found: _bare(found[0]), text) if "://" in text else text


def _parts(url: str) -> tuple[str, str, str, str, str]:
    """Scheme, user with password, host with path, query and fragment of a URL."""
    scheme, _, rest = url.partition("://")
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    user, at, place = rest.rpartition("@")
    server, slash, path = rest.partition("/")
    # An `@` in a path is none of a user's, unless a secret with a slash stands before it.
    if WEB.fullmatch(scheme) and "@" in server:
        user, _, host = server.rpartition("@")
        place = host + slash + path
    elif not at or ("/" in user and (":" not in server or _has_port(scheme, server))):
        user, place = "", rest
    return scheme, user, place, query, fragment


def _has_port(scheme: str, server: str) -> bool:
    return WEB.fullmatch(scheme) is not None and server.rpartition(":")[2].isdigit()


def _bare(url: str) -> str:
    scheme, _, place, query, fragment = _parts(url)
    public = [(name, redacted(value)) for name, value in parse_qsl(query) if name in PUBLIC]
    bare = f"{scheme}://{place}" + (f"?{urlencode(public)}" if public else "")
    return bare + (f"#{fragment}" if DIGEST.fullmatch(fragment) else "")


def without_secrets(arguments: Iterable[str]) -> list[str]:
    """The arguments of a command with bare URLs; the environment keeps their secrets.

    Left alone are URLs that no file is read from, such as that of a cluster.
    """
    known: dict[str, str] = {}
    bare = [_set_aside(argument, known) for argument in arguments]
    if known:
        os.environ[SECRETS] = json.dumps(json.loads(os.environ.get(SECRETS, "{}")) | known)
    return bare


def _set_aside(argument: str, known: dict[str, str]) -> str:
    reads_file = FILE_ARGUMENT.match(argument) is not None

    def bare(found: re.Match[str]) -> str:
        if found["scheme"].lower() not in STORAGE and not reads_file:
            return found[0]
        short = _bare(found[0])
        if short != found[0]:
            known[short] = found[0]
        return short

    return URL.sub(bare, argument)


def with_secrets(url: str) -> str:
    """The URL with the secrets of the command's URL that it is, or of one on the same server."""
    secrets: dict[str, str] = json.loads(os.environ.get(SECRETS, "{}"))
    if url in secrets:
        return secrets[url]
    for scheme, user, place, _, _ in map(_parts, secrets.values()):
        server = f"{scheme}://{place.partition('/')[0]}"
        if user and (url == server or url.startswith((f"{server}/", f"{server}?"))):
            return f"{scheme}://{user}@{url.partition('://')[2]}"
    return url
