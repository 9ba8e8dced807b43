"""Locks of environments: every file that one was made of, so that it can be made again offline."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from packaging.utils import canonicalize_name

from transforms.ci.build_orders import Build, build_order
from transforms.ci.interpreters import readable_root
from transforms.ci.package_proxy import LockedIndex, PackageProxy, distribution
from transforms.ci.project_sandbox import drive
from transforms.ci.uv import uv_binary
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.sandbox import Sandbox

REBUILD_SECONDS = 300


class NotRebuilt(Exception):
    """An environment could not be made from its lock; the text says why."""


def lock_of(used: Mapping[str, str], frozen: str) -> list[dict[str, Any]]:
    """The lock of an environment: its rows in order of file names.

    `used` are the files that were asked for, `frozen` is what is installed. `installed` tells what
    is in the environment from what only built it.
    """
    installed = {
        canonicalize_name(match[1]): match[2]
        for line in frozen.splitlines()
        if (match := re.fullmatch(r"([\w.-]+)==(\S+)", line.strip()))
    }
    rows = []
    for filename, sha256 in sorted(used.items()):
        name, version = distribution(filename)
        is_installed = installed.get(canonicalize_name(name)) == version
        rows.append(
            {
                "name": name,
                "version": version,
                "file": filename,
                "sha256": sha256,
                "installed": is_installed,
            }
        )
    return rows


def rebuilt(
    sandbox: Sandbox,
    store: ArchiveStore,
    build: Build,
    tree: bytes,
    lock: Iterable[Mapping[str, Any]],
    seconds: float = REBUILD_SECONDS,
) -> Mapping[str, bytes]:
    """An environment and the tree beside it as tars, made again from a lock without a network.

    Raises NotRebuilt.
    """
    locked = {str(row["file"]): str(row["sha256"]) for row in lock}
    with PackageProxy(LockedIndex(store, locked)) as proxy:
        offline = replace(build, index=proxy.socket)
        roots = [uv_binary(), readable_root(build.interpreter), proxy.socket]
        answer = drive(
            sandbox,
            build_order(offline, seconds),
            {"tree": tree},
            readable=roots,
            seconds=seconds + 30,
        )
    failed = answer.failure or answer.result.get("failed")
    if failed or "environment" not in answer.files:
        log = str(answer.result.get("log", "")).strip().splitlines()
        raise NotRebuilt(f"{failed}: {log[-1] if log else ''}"[:300])
    return {name: answer.files[name] for name in ("environment", "tree") if name in answer.files}
