"""What a failure of git means: the status of a source, by what git and its server say."""

import re
import signal

from transforms.lib.archives.rules import printable
from transforms.lib.network.fetch import REDIRECT_STATUSES, FetchError, check_status
from transforms.lib.network.transfer import HttpResponse
from transforms.lib.redaction import redacted

SHOWN_CHARACTERS = 200
MAX_WAIT = 0.0  # no header says through git how long a server wants to be left alone
QUOTED = re.compile(r"'[^'\n]*'")  # URLs and names, which may hold any word
NOT_FOUND = re.compile("repository '' not found")  # git's word for 404
HTTP_STATUS = re.compile(r"(?:returned error:|HTTP) (\d{3})\b")
# Of each kind, whether another try may succeed. The first that is found counts.
KINDS = (
    ("gone", False, r"not our ref|unadvertised object|couldn't find remote ref"),
    ("blocked", False, r"Authentication failed|could not read (Username|Password)"),
    ("too_big", False, r"File too large|Out of memory|unable to (m?alloc|create thread|mmap)"),
    ("too_big", False, r"mmap failed|cannot allocate memory"),
    ("unreadable", False, r"No space left on device|Disk quota exceeded"),
    ("timeout", True, r"Operation too slow|timed out"),
    ("unreachable", True, r"Could not resolve|Failed to connect|Couldn't connect|Connection ref"),
    ("unreachable", True, r"SSL|certificate|gnutls"),
    ("wrong_hash", False, r"did not send all necessary objects|hash mismatch|collision"),
    ("truncated", True, r"early EOF|unexpected (disconnect|EOF)|hung up|transfer closed"),
    ("truncated", True, r"Recv failure|Empty reply|bytes remaining|RPC failed|expected (flush|'')"),
    (
        "rejected",
        False,
        r"does not support|index-pack|unpack|pack|object|protocol error|bad line length|tree|loose",
    ),
)


def failure(said: str, code: int) -> FetchError:
    """The failure of a command of git that ended with `code` and said this."""
    # What the server says is no word of git's.
    lines = [line for line in said.splitlines() if line and not line.startswith("remote:")]
    own = QUOTED.sub("''", "\n".join(lines))
    told = [line for line in lines if line.startswith(("fatal:", "error:"))]
    reason = _line((told or lines or [f"git ended with {code}"])[0])
    found = HTTP_STATUS.search(own)
    if found or NOT_FOUND.search(own):
        status = int(found[1]) if found else 404
        if status in REDIRECT_STATUSES:  # there was none before
            return FetchError("bad_redirect", f"HTTP {status}", status)
        try:
            check_status(HttpResponse("", status, {}), MAX_WAIT)
        except FetchError as error:
            return error
    if code in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ):
        return FetchError("too_big", "more than may be written")
    for kind, again, words in KINDS:
        if re.search(words, own, re.IGNORECASE):
            return FetchError(kind, reason, again=again)
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return FetchError("timeout", "no end in time")
    return FetchError("server_error", reason, again=True)


def _line(text: str) -> str:
    return redacted(printable(text))[:SHOWN_CHARACTERS]
