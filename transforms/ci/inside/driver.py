"""Builds the environment of a project and runs its tests, inside the sandbox.

Runs in quire's own interpreter, before and beside foreign code: `build` with a way to the package
index and nothing else, `test` without any network. The order is JSON, the project's tree and its
environment come as tars from standard input, and what is to leave goes as a tar to standard output.
What leaves is read as the words of a hostile process.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time

HOME = "/sandbox"
TREE, ENVIRONMENT, TOOLS, TEMPORARY, TRACES = (
    f"{HOME}/{name}" for name in ("tree", "environment", "tools", "tmp", "traces")
)
REPORTS = f"{HOME}/reports"
LOG_BYTES = 20_000  # of the end of a command's output that are kept
MAX_OUTPUT_BYTES = 64 << 20  # of a command, in a file
MAX_TRACE_BYTES = 256 << 20  # of all records that leave


def main():
    """Read the order and the tars, do what the order says, and write the answer."""
    with open(sys.stdin.fileno(), "rb", closefd=False) as parts:
        order = json.loads(parts.read(int(sys.argv[1])))
        tars = {name: parts.read(size) for name, size in order["parts"].items()}
    os.umask(0o022)
    for folder in (TOOLS, TEMPORARY, TRACES, REPORTS):
        os.makedirs(folder, exist_ok=True)
    for name, text in order["tools"].items():
        path = os.path.join(TOOLS, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)
    {"build": build, "test": test, "run": run_only}[order["do"]](order, tars)


def unpack(content, folder):
    """Make a folder of the members of a tar that quire made, or that `pack` made here."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(folder, filter="fully_trusted")


class Answer:
    """The tar that leaves by standard output."""

    def __init__(self):
        self._tar = tarfile.open(fileobj=os.fdopen(os.dup(1), "wb"), mode="w|")

    def add(self, name, content):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))

    def add_folder(self, name, folder):
        self._tar.add(folder, name)

    def close(self, result):
        self.add("result.json", json.dumps(result).encode())
        self._tar.close()


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


def run(argv, cwd, env, seconds, log):
    """Run a command in its own session; returns its exit code (None after `seconds`) and times."""
    begin = time.monotonic()
    with open(log, "ab") as output:
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=limit_output,
            )
        except OSError as error:
            output.write(f"{argv[0]}: {error}\n".encode(errors="replace"))
            return {"exit": 127, "seconds": 0.0, "cpu": 0.0}
        before = os.times()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return {"exit": code, "seconds": time.monotonic() - begin, "cpu": cpu}


def limit_output():
    """Bound the files that a command writes."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    bound = MAX_OUTPUT_BYTES * 4 if hard < 0 else min(hard, MAX_OUTPUT_BYTES * 4)
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
        "HOME": HOME + "/home",
        "TMPDIR": TEMPORARY,
        "PATH": f"{TOOLS}/bin:{ENVIRONMENT}/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": ENVIRONMENT,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "USER": "nobody",
        "LOGNAME": "nobody",
    }
    os.makedirs(own["HOME"], exist_ok=True)
    return {**own, **order.get("env", {}), **(extra or {})}


def build(order, tars):
    """Make the environment: what is installed, by which commands, and what they said."""
    answer = Answer()
    log = f"{HOME}/build.log"
    if order.get("index"):
        Relay(order["port"], order["index"]).start()
    unpack(tars["tree"], TREE)
    end = time.monotonic() + order["seconds"]
    steps = []
    failed = None
    for step in order["steps"]:
        left = end - time.monotonic()
        if left <= 0:
            failed = "timeout"
            break
        done = run(step["argv"], TREE, environ(order, step.get("env")), left, log)
        steps.append({"name": step["name"], **done})
        if done["exit"] != 0 and not step.get("may_fail"):
            failed = "timeout" if done["exit"] is None else step["name"]
            break
    frozen = ""
    if failed is None:
        listing = subprocess.run(
            order["freeze"], env=environ(order), capture_output=True, text=True, check=False
        )
        frozen = listing.stdout
        answer.add_folder("environment", ENVIRONMENT)
        if order.get("keep_tree"):
            answer.add_folder("tree", TREE)
    answer.close({"failed": failed, "steps": steps, "log": tail(log), "freeze": frozen})


def test(order, tars):
    """Run the tests several times on fresh copies of the tree, and once more while recording."""
    answer = Answer()
    unpack_environment(tars["environment"])
    runs = []
    deselected = []
    for number, kind in enumerate(order["runs"]):
        if kind == "trace":
            deselected = unstable(runs)
            if not worth_tracing(runs):
                break
        runs.append(one_run(order, tars["tree"], number, kind, deselected))
    size = 0
    for name in sorted(os.listdir(TRACES)):
        with open(os.path.join(TRACES, name), "rb") as file:
            content = file.read(MAX_TRACE_BYTES - size)
        size += len(content)
        answer.add(f"traces/{name}", content)
    answer.close({"runs": runs, "deselected": deselected})


def unpack_environment(content):
    """Make the environment again, at the place where it was made."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(HOME, filter="fully_trusted")


def unstable(runs):
    """The tests that did not pass in every run."""
    passed = [
        {name for name, outcome in run["tests"].items() if outcome == "passed"} for run in runs
    ]
    names = {name for run in runs for name, outcome in run["tests"].items() if outcome != "skipped"}
    return sorted(names - set.intersection(*passed)) if passed else []


def worth_tracing(runs):
    """Whether any test passed, or the commands did where tests have no names."""
    return any(run["green"] or "passed" in run["tests"].values() for run in runs)


def one_run(order, tree, number, kind, deselected):
    """One run of all test commands."""
    unpack(tree, TREE)
    log, reports = f"{HOME}/test-{number}.log", f"{REPORTS}/{number}"
    os.makedirs(reports)
    extra = {"QUIRE_REPORTS": reports, "PYTEST_PLUGINS": "quire_plugin"}
    if deselected:
        with open(f"{reports}/deselected", "w") as file:
            file.write("\n".join(deselected))
    if kind == "trace":
        extra["QUIRE_TRACER"] = json.dumps({**order["tracer"], "out": TRACES})
    if order["cwd"].startswith("{tmp}"):
        cwd = TEMPORARY
    else:
        cwd = os.path.normpath(os.path.join(TREE, order["cwd"]))
    os.makedirs(cwd, exist_ok=True)
    end = time.monotonic() + order["seconds"]
    commands = []
    for argv in order["commands"]:
        left = max(1.0, end - time.monotonic())
        commands.append(run(argv, cwd, environ(order, extra), left, log))
    tests = read_reports(reports)
    green = all(command["exit"] == 0 for command in commands)
    return {"kind": kind, "commands": commands, "tests": tests, "green": green, "log": tail(log)}


def read_reports(folder):
    """The outcome of every test by its name, as our plug-in of pytest wrote it."""
    tests = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".jsonl"):
            with open(os.path.join(folder, name), errors="replace") as file:
                for line in file:
                    with contextlib.suppress(ValueError):
                        test, outcome = json.loads(line)
                        if tests.get(test) in (None, "passed"):
                            tests[test] = outcome
    return tests


def run_only(order, tars):
    """Run one command in the tree; its output is the answer."""
    answer = Answer()
    unpack(tars["tree"], TREE)
    log = f"{HOME}/run.log"
    open(log, "w").close()
    outputs = []
    for argv in order["commands"]:
        outcome = subprocess.run(
            argv,
            cwd=TREE,
            env=environ(order),
            capture_output=True,
            text=True,
            timeout=order["seconds"],
            check=False,
            stdin=subprocess.DEVNULL,
        )
        outputs.append((outcome.stdout + outcome.stderr)[:1_000_000])
    answer.close({"outputs": outputs})


main()
