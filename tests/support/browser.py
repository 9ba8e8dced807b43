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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-proxy-server",
)  # fmt: skip
HEIGHT = 900  # of the window, in pixels


@dataclass
class Opened:
    """What a page did and what it looked like, at one width and in one colour scheme."""

    width: int  # of the document, where its widest part ends
    background: str
    screenshot: bytes
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)


class Browser:
    """A Chromium that was started; its pages are opened one after the other."""

    def __init__(self, sink: BinaryIO, source: BinaryIO) -> None:
        self.sink, self.source, self.number = sink, source, 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The answer to a command of its protocol; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        self.sink.write(json.dumps(message).encode() + b"\0")
        self.sink.flush()
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
        content = b""
        while not content.endswith(b"\0"):
            byte = self.source.read(1)
            assert byte, "the browser has ended"
            content += byte
        return json.loads(content[:-1])

    def open(
        self, page: Path, width: int, scheme: str, *expressions: str, whole: bool = False
    ) -> Opened:
        """Open a file in a window of that width, with the colour scheme light or dark.

        `expressions` are evaluated in it. The screenshot is of the window, or of the whole page.
        """
        self.events.clear()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable", session)
        self.ask("Emulation.setDeviceMetricsOverride", session, width=width, height=HEIGHT,
                 deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", session, features=[feature])
        self.events.clear()
        self.ask("Page.navigate", session, url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

        def value(expression: str) -> Any:
            answer = self.ask(
                "Runtime.evaluate", session, expression=expression, returnByValue=True
            )
            return answer["result"].get("value")

        opened = Opened(
            value("document.documentElement.scrollWidth"),
            value("getComputedStyle(document.body).backgroundColor"),
            base64.b64decode(
                self.ask("Page.captureScreenshot", session, captureBeyondViewport=whole)["data"]
            ),
            answers=[value(expression) for expression in expressions],
        )
        for event in self.events:
            self._note(opened, event, page)
        self.ask("Target.closeTarget", targetId=target)
        return opened

    @staticmethod
    def _note(opened: Opened, event: dict[str, Any], page: Path) -> None:
        """Add what an event says of the page."""
        said = event.get("params", {})
        if event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            opened.console.append(json.dumps(said))
        elif event["method"] == "Log.entryAdded":
            opened.console.append(said["entry"]["text"])
        elif event["method"] == "Network.requestWillBeSent":
            url = said["request"]["url"].partition("#")[0]
            if url != page.resolve().as_uri():
                opened.requests.append(url)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own profile, which ends with the block."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "no Chromium: bash infra/packages.sh chromium"
    # As root it has no sandbox of its own; what it opens here is a file that a test has written.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        process = _start([program, *flags, f"--user-data-dir={profile}"], to_read, back_write)
        os.close(to_read)
        os.close(back_write)
        with os.fdopen(to_write, "wb") as sink, os.fdopen(back_read, "rb") as source:
            driven = Browser(sink, source)
            yield driven
            driven.ask("Browser.close")
        process.wait(20)


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
