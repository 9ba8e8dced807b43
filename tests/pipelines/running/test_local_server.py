"""No port is open while a stage runs: nobody but this user reaches the workers and the runner."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines.running import local_server
from tests.support.inputs import many_units
from transforms.lib.errors import PipelineError

LISTENS = 0x10000  # SO_ACCEPTCON, in /proc/net/unix


def inodes(processes):
    """The sockets of processes."""
    found = set()
    for process in processes:
        folder = Path(f"/proc/{process.pid}/fd")
        try:
            links = [os.readlink(path) for path in folder.iterdir()]
        except OSError:  # it has ended, or closed one
            continue
        found |= {link[8:-1] for link in links if link.startswith("socket:[")}
    return found


def listening(mine):
    """The addresses at which sockets among these inodes listen; a path for a unix socket."""
    for protocol in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and inode in mine:
                yield f"{protocol} {local}"
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        *fields, last = line.split(None, 7)
        if len(fields) == 7 and int(fields[3], 16) & LISTENS and fields[6] in mine:
            yield last.strip()


def watched(command, environment):
    """Run a command; returns its exit code, what listened meanwhile, and who might reach that."""
    process = subprocess.Popen([sys.executable, "-m", "pipelines.cli", *command], env=environment)
    seen, modes = set(), set()
    tree = [psutil.Process(process.pid)]
    while process.poll() is None:
        with_children = [*tree, *tree[0].children(recursive=True)] if tree[0].is_running() else []
        now = set(listening(inodes(with_children)))
        seen |= now
        for path in now:
            if path.startswith("/") and os.path.exists(os.path.dirname(path)):
                modes.add(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode))
        time.sleep(0.02)
    return process.returncode, seen, modes


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_stage_listens_at_sockets_of_this_user_alone(tmp_path):
    """With proxies, too, which workers on this machine must not ask."""
    proxies = {f"{name}_proxy": "http://127.0.0.1:9" for name in ("http", "https", "grpc", "all")}
    environment = os.environ | {"TMPDIR": str(tmp_path)} | proxies
    environment |= {name.upper(): value for name, value in proxies.items()}
    files, data = many_units(tmp_path / "in"), tmp_path / "data"
    commands = [
        ["corpus", data, f"--files={files}"],
        ["functions", data],
        ["contests", data, "doctest:", "--limit=2"],
        ["verify", data, "--limit=2"],
        ["contamination", data],
    ]
    for command in commands:
        code, seen, modes = watched([*map(str, command), "--workers=2"], environment)
        assert code == 0, command
        assert all(Path(path).is_relative_to(tmp_path) for path in seen), (command, seen)
        assert modes <= {0o700}
        assert seen or command[0] != "corpus", "this test sees what listens"
    assert not list(tmp_path.glob("quire-*")), "no folder of a socket stays"


def test_a_socket_is_where_one_can_be(tmp_path, monkeypatch):
    """A path has an end, and a folder may be closed: then the next one is taken."""
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(local_server, "places", lambda: [str(deep), "/nowhere", str(tmp_path)])
    assert local_server.socket_parent() == str(tmp_path)
    monkeypatch.setattr(local_server, "places", lambda: [str(deep), "/nowhere"])
    with pytest.raises(PipelineError, match=r"too long.*No such file.*--workers 1"):
        local_server.socket_parent()
    assert not any(deep.iterdir())
