"""A headless Chromium that opens one file and tells what it looks like.

It is driven over pipes (`--remote-debugging-pipe`): messages are JSON, each ended by a NUL, to its
descriptor 3 and from its descriptor 4. So no port is open, and no library is needed.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# Ubuntu's chromium-browser is a snap, which sees no temporary files of others, so it comes last.
NAMES = ("google-chrome", "chromium", "chromium-browser")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-proxy-server",
    # A sandbox of its own it has neither as root nor where user namespaces are refused, as Ubuntu
    # does. What it opens here is a file that a test has written.
    "--no-sandbox",
)  # fmt: skip
HEIGHT = 900  # of the window, in pixels
PHONE = 600  # pixels: a narrower window is that of a phone
CHUNK = 1 << 16  # bytes read at a time
SECONDS = 20  # in which it ends when it is told to


class Look(NamedTuple):
    """What a page looks like at one width and in one colour scheme; the screenshot is a PNG."""

    width: int  # of the document, where its widest part ends
    background: str
    screenshot: bytes


class Browser:
    """A Chromium that was started; its pages are opened one after the other."""

    def __init__(self, sink: int, source: int) -> None:
        self.sink, self.source, self.number, self.read = sink, source, 0, b""
        self.session = ""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The answer to a command of its protocol; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self.sink, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method: str) -> None:
        """Read until there was an event of that name."""
        while all(event.get("method") != method for event in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.read:
            chunk = os.read(self.source, CHUNK)
            assert chunk, "the browser has ended"
            self.read += chunk
        message, _, self.read = self.read.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path) -> None:
        """Open a file, in place of the one that was open, and forget what that one did."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable", self.session)
        self.events.clear()
        self.ask("Page.navigate", self.session, url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def look(self, width: int, scheme: str, **of_screenshot: Any) -> Look:
        """What is open, in a window of that width, in the colour scheme light or dark.

        The screenshot is of the window, if `of_screenshot` does not say otherwise.
        """
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < PHONE}
        self.ask("Emulation.setDeviceMetricsOverride", self.session, **size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", self.session, features=[feature])
        return Look(
            self.value("document.documentElement.scrollWidth"),
            self.value("getComputedStyle(document.body).backgroundColor"),
            base64.b64decode(
                self.ask("Page.captureScreenshot", self.session, **of_screenshot)["data"]
            ),
        )

    def value(self, expression: str) -> Any:
        """The value of an expression in what is open."""
        parameters = {"expression": expression, "returnByValue": True}
        return self.ask("Runtime.evaluate", self.session, **parameters)["result"].get("value")

    def console(self) -> list[str]:
        """What the page, or the browser about it, has said since it was opened."""
        said = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in said]

    def requests(self) -> list[str]:
        """What was requested since a page was opened; the page itself is the first of it."""
        sent = [e for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own profile, which ends with the block."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "no Chromium: bash infra/packages.sh chromium"
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        process = _start([program, *FLAGS, f"--user-data-dir={profile}"], to_read, back_write)
        os.close(to_read)
        os.close(back_write)
        try:
            driven = Browser(to_write, back_read)
            yield driven
            driven.ask("Browser.close")
        finally:
            os.close(to_write)  # at which it ends, too
            os.close(back_read)
            process.wait(SECONDS)


def _start(command: list[str], reads: int, writes: int) -> subprocess.Popen[bytes]:
    """Start it with the two pipes as its descriptors 3 and 4, wherever they are here."""
    moved = f'exec "$@" 3<&{reads} 4>&{writes}'
    # A shell moves descriptors of one digit alone, so the pipes are handed over by their numbers.
    return subprocess.Popen(
        ["bash", "-c", moved, "browser", *command],
        pass_fds=(reads, writes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    )
