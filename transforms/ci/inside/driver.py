"""Builds the environment of a project and runs its tests, inside the sandbox.

Runs in quire's own interpreter, before and beside foreign code: `build` with a way to the package
index and nothing else, `test` without any network. The order is JSON, the project's tree and its
environment come as tars from standard input, and what is to leave goes as a tar to standard output.
What leaves is read as the words of a hostile process.
"""

import contextlib
import ctypes
import io
import json
import os
import pty
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

HOME = "/sandbox"
TREE, ENVIRONMENT, TOOLS, TEMPORARY, TRACES, REPORTS, HOUSE = (
    f"{HOME}/{name}"
    for name in ("tree", "environment", "tools", "tmp", "traces", "reports", "home")
)
LOG_BYTES = 40_000  # of the end of a command's output that are kept
FILE_BYTES = 1 << 30  # of any file that a command writes
OUTPUT_BYTES = 64 << 20  # of what a command prints; more ends it
REPORT_BYTES = 16 << 20  # of the outcomes of tests that are read
TRACE_BYTES = 256 << 20  # of all records that leave
PR_SET_DUMPABLE = 4
POLL_SECONDS = 0.05


def main():
    """Read the order and the tars, do what the order says, and write the answer."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # no other process opens our files
    with open(sys.stdin.fileno(), "rb", closefd=False) as parts:
        order = json.loads(parts.read(int(sys.argv[1])))
        tars = {name: parts.read(size) for name, size in order["parts"].items()}
    os.umask(0o022)
    for folder in (TOOLS, TRACES, REPORTS):
        os.makedirs(folder, exist_ok=True)
    for name, text in order["tools"].items():
        path = os.path.join(TOOLS, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)
    reply = Reply()
    reply.close({"build": build, "test": test, "run": run_only}[order["do"]](order, tars, reply))


def unpack(content, folder):
    """Make a folder of the members of a tar that quire made, or that `Reply` made here."""
    empty(folder)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(folder, filter="fully_trusted")


def empty(folder):
    """Make a folder that is empty, whatever the modes of what was in it."""

    def opened(function, path, error):
        for place in (os.path.dirname(path), path):
            with contextlib.suppress(OSError):
                os.chmod(place, 0o700)
        with contextlib.suppress(OSError, TypeError):  # some functions want more than a path
            function(path)

    for _ in range(3):
        shutil.rmtree(folder, onerror=opened)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        os.unlink(folder)
    os.makedirs(folder, exist_ok=True)


class Reply:
    """The tar that leaves by standard output."""

    def __init__(self):
        self._stream = os.fdopen(os.dup(1), "wb")
        self._tar = tarfile.open(fileobj=self._stream, mode="w|")

    def add(self, name, content):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))

    def add_folder(self, name, folder):
        """All below a folder as a tar: in order, without times and owners, no file a link."""

        def member(info):
            tar.inodes.clear()
            info.mtime = info.uid = info.gid = 0
            info.uname = info.gname = ""
            return None if info.isfifo() or info.isdev() else info

        with tempfile.TemporaryFile(dir=HOME) as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(folder, ".", filter=member)
            info = tarfile.TarInfo(name)
            info.size = file.tell()
            file.seek(0)
            self._tar.addfile(info, file)

    def close(self, result):
        self.add("result.json", json.dumps(result).encode())
        self._tar.close()
        self._stream.close()


class Relay(threading.Thread):
    """Passes connections to a port of this namespace on to the index's Unix socket."""

    def __init__(self, port, path):
        super().__init__(daemon=True)
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", port))

    def run(self):
        while True:
            with contextlib.suppress(OSError):
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._path)
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=(source, target), daemon=True).start()


def pump(source, target):
    """Pass on bytes until one side closes."""
    with contextlib.suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def run(argv, cwd, env, seconds, log, terminal=False):
    """Run a command in its own session, and end all that it leaves behind.

    Returns its exit code (None if it was ended), the limit that it hit (wall or output), its times,
    and how many processes it left.
    """
    begin, before = time.monotonic(), os.times()
    result = {"argv": argv[:12], "exit": 127, "limit": None, "left": 0}
    master, stdin = pty.openpty() if terminal else (None, subprocess.DEVNULL)
    with open(log, "ab") as output:
        start = output.tell()
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=stdin,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=limit_files,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            output.write(f"{argv[0]}: {error}\n".encode(errors="replace"))
        else:
            code, limit = wait(process, begin + seconds, log, start)
            left = end_others()
            process.wait()
            result |= {"exit": None if limit else code, "limit": limit, "left": left}
    for descriptor in (master, stdin) if terminal else ():
        os.close(descriptor)
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return {**result, "seconds": time.monotonic() - begin, "cpu": cpu}


def wait(process, end, log, start):
    """Wait for a process; its exit code, and the limit that it hit."""
    pause = 0.002
    while process.poll() is None:
        if time.monotonic() > end:
            return None, "wall"
        if os.path.getsize(log) - start > OUTPUT_BYTES:
            return None, "output"
        time.sleep(pause)
        pause = min(POLL_SECONDS, pause * 2)
    return process.returncode, None


def end_others():
    """End all processes but this one and those that it came from; how many there were.

    They are stopped first, so that none makes others meanwhile.
    """
    found = set()
    for _ in range(50):
        own = ancestors()
        others = [pid for pid in processes() if pid not in own]
        if not others:
            break
        found.update(others)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in others:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        with contextlib.suppress(OSError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.005)
    return len(found)


def processes():
    """The processes here that have not ended: their parents by their ids."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{name}/stat", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    found[int(name)] = int(parent)
    return found


def ancestors():
    """This process and those that it came from."""
    parents, pid, found = processes(), os.getpid(), {0, 1}
    while pid and pid not in found:
        found.add(pid)
        pid = parents.get(pid, 0)
    return found


def limit_files():
    """Bound the files that a command writes."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    bound = FILE_BYTES if hard < 0 else min(hard, FILE_BYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, bound))


def tail(log):
    """The end of a log, as text."""
    with open(log, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_BYTES))
        return file.read().decode("utf-8", "replace")


def environ(order, extra=None):
    """The variables of every command."""
    own = {
        "HOME": HOUSE,
        "TMPDIR": TEMPORARY,
        "PATH": f"{TOOLS}/bin:{ENVIRONMENT}/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": ENVIRONMENT,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "TZ": "UTC",
        "USER": "nobody",
        "LOGNAME": "nobody",
        "GIT_CEILING_DIRECTORIES": HOME,
    }
    return {**own, **order.get("env", {}), **(extra or {})}


def fresh(tree):
    """A tree, a home and a temporary folder that no run has used."""
    unpack(tree, TREE)
    for folder in (TEMPORARY, HOUSE):
        empty(folder)


def build(order, tars, reply):
    """Make the environment: what is installed, by which commands, and what they said."""
    log = f"{HOME}/build.log"
    open(log, "w").close()
    if order.get("index"):
        Relay(order["port"], order["index"]).start()
    fresh(tars["tree"])
    end = time.monotonic() + order["seconds"]
    steps = []
    failed = None
    for step in order["steps"]:
        done = one_of(step, order, end, log)
        steps.append(done)
        if done["exit"] != 0 and not step.get("may_fail"):
            failed = step["name"]
            break
    frozen = ""
    if failed is None:
        listing = subprocess.run(
            order["freeze"], env=environ(order), capture_output=True, text=True, check=False
        )
        frozen = listing.stdout
        reply.add_folder("environment", ENVIRONMENT)
        for name in order["discard"]:
            empty(os.path.join(TREE, name))
            os.rmdir(os.path.join(TREE, name))
        reply.add_folder("tree", TREE)
    return {"failed": failed, "steps": steps, "log": tail(log), "freeze": frozen}


def one_of(step, order, end, log):
    """Do a step in the first way that succeeds; `way` is its number."""
    done = {}
    for number, argv in enumerate(step["ways"]):
        left = end - time.monotonic()
        if left <= 0:
            return {"name": step["name"], "way": number, "exit": None, "limit": "wall"}
        done = run(argv, TREE, environ(order), left, log) | {"name": step["name"], "way": number}
        if done["exit"] == 0:
            break
    return done


def test(order, tars, reply):
    """Run the tests several times on fresh copies of the tree; none after a run that failed."""
    unpack(tars["environment"], ENVIRONMENT)  # where it was made
    runs = []
    for number, kind in enumerate(order["runs"]):
        runs.append(one_run(order, tars["tree"], number, kind))
        if not runs[-1]["green"] and not order["left_out"]:
            break
    size = 0
    for name in sorted(os.listdir(TRACES)):
        path = os.path.join(TRACES, name)
        if os.path.isfile(path) and not os.path.islink(path) and size < TRACE_BYTES:
            with open(path, "rb") as file:
                content = file.read(TRACE_BYTES - size)
            size += len(content)
            reply.add(f"traces/{name}", content)
    return {"runs": runs}


def one_run(order, tree, number, kind):
    """One run of all test commands."""
    fresh(tree)
    log, reports = f"{HOME}/test-{number}.log", f"{REPORTS}/{number}"
    open(log, "w").close()
    os.makedirs(reports)
    extra = {"QUIRE_REPORTS": reports, "PYTEST_PLUGINS": plugins(order)}
    with open(f"{reports}/left_out", "w") as file:
        file.write("\n".join(order["left_out"]))
    if kind == "trace":
        extra["QUIRE_TRACER"] = json.dumps({**order["tracer"], "out": TRACES})
    cwd = folder_of(order["cwd"])
    end = time.monotonic() + order["seconds"]
    commands = []
    for argv in order["commands"]:
        left = max(1.0, end - time.monotonic())
        done = run(argv, cwd, environ(order, extra), left, log, order.get("terminal"))
        commands.append(done)
        if done["limit"]:
            break
    tests = read_reports(reports)
    green = all(command["exit"] == 0 for command in commands)
    return {"kind": kind, "commands": commands, "tests": tests, "green": green, "log": tail(log)}


def plugins(order):
    """The plug-ins of pytest that are loaded by name: ours, and those of the project."""
    own = order.get("env", {}).get("PYTEST_PLUGINS", "")
    return ",".join(["quire_plugin", *([own] if own else [])])


def folder_of(place):
    """Where the commands run: a folder of the tree, or one outside of it."""
    if place.startswith("{tmp}"):
        return TEMPORARY
    folder = os.path.realpath(os.path.join(TREE, place.removeprefix("{root}").lstrip("/")))
    return folder if folder.startswith(TREE) and os.path.isdir(folder) else TREE


def read_reports(folder):
    """The outcome of every test by its name; the worst one of a test that ran several times."""
    tests = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith(".jsonl") and os.path.isfile(path) and not os.path.islink(path):
            with open(path, errors="replace") as file:
                lines = file.read(REPORT_BYTES).split("\n")
            for line in lines:
                with contextlib.suppress(ValueError, TypeError, RecursionError):
                    test, outcome = json.loads(line)
                    if tests.get(str(test)) in (None, "passed"):
                        tests[str(test)] = str(outcome)
    return tests


def run_only(order, tars, reply):
    """Run commands in the tree, one after another; their outputs are the answer."""
    fresh(tars["tree"])
    outputs, limits = [], []
    for number, argv in enumerate(order["commands"]):
        log = f"{HOME}/run-{number}.log"
        limits.append(run(argv, TREE, environ(order), order["seconds"], log)["limit"])
        with open(log, errors="replace") as file:
            outputs.append(file.read(1_000_000))
    return {"outputs": outputs, "limits": limits}


if __name__ == "__main__":
    main()
