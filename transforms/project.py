"""The members of a project to rows: Python files, CI configurations, rejects, licence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import Any

from transforms import licences
from transforms.archives import Member
from transforms.ci_files import ci_kind, maybe_ci
from transforms.decoding import Undecodable, decode

METADATA = ("PKG-INFO", "METADATA")


@dataclass
class Project:
    """What was found; rows lack only what the source alone knows (repo, commit, stars)."""

    files: list[dict[str, Any]] = field(default_factory=list)
    ci_configs: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    name: str | None = None
    version: str | None = None
    licence_declared: str | None = None
    licence_detected: str | None = None

    @property
    def licence_spdx(self) -> str:
        """The normalised SPDX expression, or NOASSERTION."""
        return licences.normalised(self.licence_declared, self.licence_detected)


def wanted(path: str) -> bool:
    """Whether a member of a project matters, by its path."""
    return path.endswith(".py") or maybe_ci(path) or _is_text_about_it(path)


def _is_text_about_it(path: str) -> bool:
    return PurePosixPath(path).name in METADATA or licences.is_licence_file(path)


def read_project(members: Iterable[Member]) -> Project:
    """Rows of all members; what the members raise (ArchiveError) passes through."""
    project, texts, metadata = Project(), [], []
    for member in members:
        content = member.content
        if member.path.endswith(".py"):
            _add_python(project, member)
        if content is None:
            continue
        if kind := ci_kind(member.path, content):
            _add_ci(project, member.path, kind, content)
        if PurePosixPath(member.path).name in METADATA:
            metadata.append((member.path.count("/"), member.path, content))
        elif licences.is_licence_file(member.path):
            texts.append(content.decode("utf-8", "replace"))
    if metadata:
        _describe(project, min(metadata)[2].decode("utf-8", "replace"))
    project.licence_detected = licences.detected(texts)
    return project


def _describe(project: Project, pkg_info: str) -> None:
    headers = HeaderParser().parsestr(pkg_info)
    project.name, project.version = headers.get("Name"), headers.get("Version")
    project.licence_declared = licences.declared(pkg_info)


def _add_python(project: Project, member: Member) -> None:
    raw = member.content
    if raw is None:
        project.rejects.append(_reject(member.path, None, member.reason, member.value))
        return
    try:
        text, encoding = decode(raw)
    except Undecodable as error:
        project.rejects.append(_reject(member.path, raw, error.reason, error.value))
        return
    project.files.append(
        {
            "path": member.path,
            "content": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "raw_sha256": hashlib.sha256(raw).hexdigest(),
            "size": len(raw),
            "encoding": encoding,
        }
    )


def _reject(path: str, raw: bytes | None, reason: str | None, value: str | None) -> dict:
    digest = hashlib.sha256(raw).hexdigest() if raw is not None else None
    return {"path": path, "sha256": digest, "reason": reason, "value": value}


def _add_ci(project: Project, path: str, kind: str, content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    project.ci_configs.append({"path": path, "kind": kind, "content": text})
