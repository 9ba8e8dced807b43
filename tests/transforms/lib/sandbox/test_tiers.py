"""Which tier is used, the message where none works, and the filters of system calls."""

import ast
import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyseccomp
import pytest

from tests.transforms.lib.sandbox import attacks
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox import Limits, Returned, Sandbox, probe, shipment, syscalls
from transforms.lib.sandbox.bounded_copy import BoundedCopy
from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.program import ORDER, OUTPUT
from transforms.lib.sandbox.tiers.needs import SandboxNeeds


def test_the_strongest_tier_is_used_and_named() -> None:
    assert probe() == "bubblewrap"
    assert probe("landlock") == "landlock"


def test_where_bubblewrap_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Sandbox() as sandbox:
        ending = sandbox.calls("def f(): return 1", "f", [()]).ending
    assert (sandbox.tier, ending.tier) == ("landlock", "landlock")
    with pytest.raises(
        PipelineError,
        match=re.escape("bubblewrap: bwrap is not installed (apt-get install bubblewrap)"),
    ):
        Sandbox("bubblewrap")


def test_where_namespaces_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert probe() == "landlock"
    with pytest.raises(PipelineError, match="bubblewrap: bwrap: No permissions"):
        probe("bubblewrap")


def test_where_no_tier_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none() -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(kernel, "landlock_abi", none)
    with pytest.raises(PipelineError) as error:
        probe()
    assert str(error.value) == (
        "no sandbox for foreign code here: bubblewrap: bwrap is not installed (apt-get install "
        "bubblewrap); landlock: the kernel has no Landlock (Linux 5.13 or newer with Landlock)"
    )


@pytest.mark.parametrize("tier", ["bubblewrap", "landlock"])
@pytest.mark.parametrize("free", range(ORDER - 4, OUTPUT + 1))
def test_a_process_with_many_open_files(tier: str, free: int) -> None:
    with contextlib.ExitStack() as stack:
        while (descriptor := os.dup(0)) < free - 1:
            stack.callback(os.close, descriptor)
        stack.callback(os.close, descriptor)
        with Sandbox(tier) as sandbox:
            assert sandbox.calls("def f(): return 1", "f", [()]).outcomes == (Returned(1),)


@pytest.mark.parametrize("tier", ["bubblewrap", "landlock"])
def test_a_sandbox_ends_though_another_process_holds_its_files(tier: str) -> None:
    before = {*os.listdir("/proc/self/fd")}
    sandbox = Sandbox(tier)
    own = [int(each) for each in {*os.listdir("/proc/self/fd")} - before]
    own = [each for each in own if os.path.exists(f"/proc/self/fd/{each}")]
    with subprocess.Popen(["sleep", "60"], pass_fds=own) as holder:
        begin = time.monotonic()
        sandbox.close()
        assert time.monotonic() - begin < 10
        holder.kill()


def test_a_tier_that_fails_its_own_test_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SandboxNeeds, "readable_paths", lambda needs: ["/etc"])
    for tier in ("bubblewrap", "landlock"):
        with pytest.raises(
            PipelineError,
            match=f"no sandbox: {tier} let a test program do what it must not \\(read\\); ",
        ):
            Sandbox(tier)


def test_no_such_tier() -> None:
    with pytest.raises(
        UsageError, match="no sandbox tier 'docker': there are bubblewrap, landlock"
    ):
        Sandbox("docker")


def test_no_such_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    syscalls.program_filter.cache_clear()
    with pytest.raises(
        PipelineError, match="no sandbox on riscv64: only x86_64 and aarch64 are known"
    ):
        probe()


def test_names_of_system_calls_are_names() -> None:
    names = " ".join(
        (
            syscalls.PROGRAM_CALLS,
            syscalls.COMMAND_CALLS,
            syscalls.OWN_USER_CALLS,
            syscalls.OWN_NAMESPACES_CALLS,
        )
    ).split()
    names += [
        name
        for name, _ in (
            *syscalls.COMMON_RULES,
            *syscalls.FORK_RULES,
            *syscalls.FIFO_RULES,
            *syscalls.SOCKET_RULES,
        )
    ]
    arches = (pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64)
    unknown = [n for n in names if all(pyseccomp.resolve_syscall(a, n) == -1 for a in arches)]
    assert not unknown
    essential = (
        "read write openat close mmap munmap brk futex clone exit_group newfstatat getrandom"
    )
    for name in essential.split():
        assert all(pyseccomp.resolve_syscall(arch, name) >= 0 for arch in arches)
        assert name in names


@pytest.mark.parametrize("modules", [shipment.SERVER_MODULES, shipment.GUEST_MODULES])
def test_shipped_modules_import_only_the_standard_library_and_earlier_ones(
    modules: tuple[str, ...],
) -> None:
    folder, known = Path(shipment.__file__).parent, set(shipment.EMPTY_PACKAGES)
    for name in modules:
        for node in ast.walk(ast.parse((folder / f"{name.replace('.', '/')}.py").read_text())):
            if isinstance(node, ast.Import):
                assert {
                    each.name.partition(".")[0] for each in node.names
                } <= sys.stdlib_module_names
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("transforms"):
                whole = {f"{node.module}.{each.name}" for each in node.names}
                assert node.module in known - set(shipment.EMPTY_PACKAGES) or whole <= known
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").partition(".")[0] in sys.stdlib_module_names
        known.add(f"{shipment.SANDBOX_PACKAGE}.{name}")


def test_filters_differ_by_user_and_namespaces() -> None:
    made = {
        syscalls.program_filter(),
        *(
            syscalls.command_filter(user, network)
            for user in (True, False)
            for network in (True, False)
        ),
    }
    assert len(made) == 5
    assert all(len(each) % 8 == 0 for each in made)


@pytest.fixture(scope="module")
def gvisor() -> Any:
    if shutil.which("runsc") is None:
        pytest.skip("gVisor is tried where runsc is installed: apt-get install runsc")
    with Sandbox("gvisor") as sandbox:
        yield sandbox


def test_gvisor_runs_programs_checks_and_commands(gvisor: Any, tmp_path: Path) -> None:
    assert gvisor.calls("def f(x): return x + 1", "f", [(1,)]).outcomes == (Returned(2),)
    check = "def check(c): assert c(lambda n: n + 1) == 3"
    assert gvisor.check("def f(g): return g(2)", "f", check).passed
    assert gvisor.stdio("print(input()[::-1])", "abc").stdout == "cba\n"
    (tmp_path / "x").write_text("")
    tmp_path.chmod(0o755)
    got = gvisor.command(["sh", "-c", "ls; exit 3"], str(tmp_path))
    assert (got.output, got.ending.exit_code) == (b"x\n", 3)


@pytest.mark.parametrize(
    "name",
    [
        "reads /etc/shadow",
        "connects by TCP",
        "forks",
        "writes to the root",
        "the environment's secret",
        "inherited descriptors",
    ],
)
def test_gvisor_gives_nothing(gvisor: Any, name: str) -> None:
    facts = {"parent": os.getpid(), "port": 22, "home": "/tmp", "secret": __file__, "socket": "x"}
    got = gvisor.calls(attacks.GREEDY[name], "attack", [(facts,)])
    assert len(got.outcomes) == 1
    assert not any(isinstance(each, Returned) and each.value for each in got.outcomes)


def test_gvisor_ends_what_does_not(gvisor: Any) -> None:
    got = gvisor.calls("import time\ndef f(): time.sleep(1000)", "f", [()], Limits(wall=1.5))
    assert got.ending.limit == "wall"
    got = gvisor.calls("def f():\n    while True: pass", "f", [()], Limits(cpu=1))
    assert got.ending.limit == "cpu"


def test_gvisor_keeps_no_more_output_than_the_limit(gvisor: Any) -> None:
    limits = Limits(wall=20.0, output=1 << 20)
    endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    got = gvisor.stdio(endless, "", limits)
    assert (got.ending.limit, len(got.stdout)) == ("output", 1 << 20)
    assert got.ending.seconds < 20
    endless = "import os\ndef f():\n    while True: os.write(201, bytes(65536))"
    got = gvisor.calls(endless, "f", [()], limits)
    assert got.ending.limit == "output"
    assert got.ending.seconds < 20


def test_a_copy_ends_at_its_limit() -> None:
    with shipment.memory_file() as file:
        exceeded: list[bool] = []
        copy = BoundedCopy(file, 100_000, lambda: exceeded.append(True))
        for _ in range(100):
            os.write(copy.writer, bytes(10_000))
        copy.close_writer()
        copy.finish(30)
        assert (os.fstat(file).st_size, exceeded) == (100_001, [True])
    with shipment.memory_file() as file:
        copy = BoundedCopy(file, 5, lambda: exceeded.append(False))
        os.write(copy.writer, b"12345")
        copy.close_writer()
        copy.finish(30)
        assert (os.pread(file, 10, 0), exceeded) == (b"12345", [True])
