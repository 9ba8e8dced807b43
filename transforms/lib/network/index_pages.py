"""Pages of package indexes: the simple API as JSON (PEP 691, PEP 700) or HTML (PEP 503).

As for pip, an index may be a folder of this machine. What is foreign text cannot name a file here:
only pages that are files themselves may link to files.
"""

import json
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from transforms.lib.network.fetch import MAX_PAGE_BYTES, Fetcher, FetchError
from transforms.lib.network.local_files import file_url, is_file_url, local_path, read_local
from transforms.lib.network.page_cache import Page

# The JSON of PEP 691 is preferred; the HTML of PEP 503 is the fallback.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)


class IndexEntry(NamedTuple):
    """A file on a page, with its absolute URL; None is what the page does not say."""

    filename: str
    url: str
    sha256: str | None = None
    yanked: bool = False
    requires_python: str | None = None
    upload_time: str | None = None
    provenance: str | None = None  # URL of what is attested of the file (PEP 740)


def index_page(index: str, project: str, fetcher: Fetcher) -> Page:
    """The page of a project in an index, by the URL of the index; raises FetchError."""
    url = f"{index}/{project}/"
    if is_file_url(url):
        return local_page(os.path.join(local_path(url), "index.html"))
    return fetcher.page(url, ACCEPT)


def local_page(path: str) -> Page:
    """A page that is a file of this machine; raises FetchError."""
    content = read_local(path, MAX_PAGE_BYTES)
    return Page(file_url(path), "text/html", content.decode("utf-8", "replace"))


def page_entries(page: Page) -> Iterator[IndexEntry]:
    """The files that a page lists. Raises FetchError if JSON is no page of the simple API."""
    yield from _json_entries(page) if "json" in page.content_type else _html_entries(page)


def _json_entries(page: Page) -> Iterator[IndexEntry]:
    try:
        for file in json.loads(page.body)["files"]:
            digest = (file.get("hashes") or {}).get("sha256")
            if url := _joined(page.url, str(file["url"])):
                yield IndexEntry(
                    str(file["filename"]),
                    url,
                    digest.lower() if isinstance(digest, str) else None,
                    # "yanked" is false, true or the reason as a string (PEP 691).
                    bool(file.get("yanked")),
                    _text(file.get("requires-python")),
                    _text(file.get("upload-time")),
                    _link(page.url, file.get("provenance")),
                )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise FetchError("bad_index", f"no page of the simple API: {error!r:.200}") from error


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _html_entries(page: Page) -> Iterator[IndexEntry]:
    parser = _Links()
    parser.feed(page.body)
    base = _joined(page.url, parser.base or "") or page.url
    for attributes in parser.links:
        url, _, fragment = (attributes.get("href") or "").strip().partition("#")
        # Old indexes name more in a fragment: #sha256=…&egg=…
        facts = dict(fact.partition("=")[::2] for fact in fragment.split("&"))
        if address := _joined(base, url):
            yield IndexEntry(
                file_name(url),
                address,
                facts["sha256"].lower() if facts.get("sha256") else None,
                "data-yanked" in attributes,
                attributes.get("data-requires-python"),
                provenance=_link(base, attributes.get("data-provenance")),
            )


def file_name(url: str) -> str:
    """The file name at the end of a URL."""
    return unquote(url.partition("?")[0].partition("#")[0].rpartition("/")[2])


def _joined(base: str, url: str) -> str | None:
    """The absolute URL of a link, if it is a http URL, or a file that a file links to; or None."""
    try:
        address = urljoin(base, url)
        address.encode()  # JSON can spell a lone surrogate, which no URL can have
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    allowed = {"http", "https"} | ({"file"} & {urlsplit(base).scheme})
    return address if scheme in allowed else None


def _link(base: str, url: object) -> str | None:
    """The absolute URL of a link that an entry may have."""
    return _joined(base, url) if isinstance(url, str) and url else None


class _Links(HTMLParser):
    """Collects the attributes of every link of a page, and the address they are relative to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))
        elif tag == "base" and self.base is None:  # the first one counts (HTML, section 4.2.3)
            self.base = dict(attrs).get("href")
