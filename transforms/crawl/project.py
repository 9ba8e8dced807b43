"""Turns the files of a project into rows: Python files, CI configurations, rejects, licence."""

import configparser
import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import Any

from transforms.crawl.ci_files import ci_kind, maybe_ci
from transforms.crawl.decoding import Undecodable, decode
from transforms.lib import licences
from transforms.lib.archives import Member
from transforms.lib.git_ids import git_sha1
from transforms.lib.rights.holders import holder_domains

# The metadata of the project itself, not of packages that it vendors or tests with: PKG-INFO of a
# source distribution, at the top or in its egg-info, or METADATA of a wheel.
METADATA_PATH = re.compile(r"((src/)?[^/]+\.egg-info/)?PKG-INFO|[^/]+\.dist-info/METADATA")
# Files in which a project that is no release declares its name, the stronger one first.
SETTINGS = ("pyproject.toml", "setup.cfg")
AUTHORS = ("authors", "maintainers", "author_email", "maintainer_email")  # in settings
# What a project's name or version may look like. What metadata says is foreign text.
NAME_OR_VERSION = re.compile(r"[A-Za-z0-9][\w.+!-]{0,127}", re.ASCII)


@dataclass
class Project:
    """The rows and the metadata of one project.

    The rows lack the columns that only the source knows: repo, commit and stars. `settings_name`
    and `settings_version` are those that the project's settings declare, if no metadata does.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    ci_configs: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    name: str | None = None
    version: str | None = None
    settings_name: str | None = None
    settings_version: str | None = None
    licence_declared: str | None = None
    licence_detected: str | None = None
    holder_domains: str | None = None

    @property
    def licence_spdx(self) -> str:
        """The normalised SPDX expression, or NOASSERTION."""
        return licences.normalised(self.licence_declared, self.licence_detected)


def wanted(path: str) -> bool:
    """Whether the file at a path is read: Python, CI configuration, metadata or licence text."""
    return _is_row(path) or _is_metadata(path) or licences.is_licence_file(path)


def _is_row(path: str) -> bool:
    return path.endswith(".py") or maybe_ci(path)


def _is_metadata(path: str) -> bool:
    return METADATA_PATH.fullmatch(path) is not None


def names_project(path: str) -> bool:
    """Whether the file at a path may hold the project's name: metadata or settings."""
    return path in SETTINGS or _is_metadata(path)


def read_project(members: Iterable[Member]) -> Project:
    r"""The rows of all members of a project, with the name, version and licence they declare.

    Passes on the ArchiveError that reading the members may raise.

    >>> project = read_project([Member("a.py", b"x = 1\n"), Member("tox.ini", b"[tox]\n")])
    >>> project.files[0]["content"], project.ci_configs[0]["kind"], project.licence_spdx
    ('x = 1\n', 'tox', 'NOASSERTION')
    """
    project, texts, metadata, settings = Project(), [], [], dict[str, str]()
    for member in members:
        # What is not wanted is a folder that was not read, of which nobody knows what is lost.
        if _is_row(member.path) or not wanted(member.path):
            _add(project, member)
        if member.content is None:
            continue
        if _is_metadata(member.path):
            metadata.append((member.path.count("/"), member.path, member.content))
        elif member.path in SETTINGS:
            settings[member.path] = member.content.decode("utf-8", "replace")
        elif licences.is_licence_file(member.path):
            texts.append(member.content.decode("utf-8", "replace"))
    pkg_info = min(metadata)[2].decode("utf-8", "replace") if metadata else ""
    if metadata:
        _describe(project, pkg_info)
    if not project.name:
        _declare(project, settings)
    project.licence_detected = licences.detected(texts)
    project.holder_domains = holder_domains(texts, _authors(pkg_info, settings))
    return project


def _authors(pkg_info: str, settings: dict[str, str]) -> list[str]:
    """What metadata and settings say of authors and maintainers, with their e-mail addresses."""
    headers = HeaderParser().parsestr(pkg_info)
    said: list[object] = [headers.get(name) for name in ("Author-email", "Maintainer-email")]
    for path, text in settings.items():
        declared = _declared(path, text)
        said += [declared.get(name) for name in AUTHORS]
    return [str(each) for each in said if each]


def _describe(project: Project, pkg_info: str) -> None:
    """Sets name, version and declared licence from the text of a metadata file."""
    headers = HeaderParser().parsestr(pkg_info)
    project.name, project.version = _name(headers.get("Name")), _name(headers.get("Version"))
    project.licence_declared = licences.declared(pkg_info)


def _declare(project: Project, settings: dict[str, str]) -> None:
    """Sets the name and version that the first settings with a name declare."""
    for path in SETTINGS:
        declared = _declared(path, settings[path]) if path in settings else {}
        if name := _name(declared.get("name")):
            project.settings_name, project.settings_version = name, _name(declared.get("version"))
            return


def _declared(path: str, text: str) -> dict[str, object]:
    """The table of a settings file that has the project's name; empty if it is damaged."""
    try:
        if path == "setup.cfg":
            parser = configparser.RawConfigParser(strict=False)
            parser.read_string(text)
            return dict(parser["metadata"]) if parser.has_section("metadata") else {}
        tables = tomllib.loads(text.removeprefix("\ufeff"))
        poetry = tables.get("tool", {}).get("poetry", {})
        return dict(poetry) | dict(tables.get("project", {}))
    except (ValueError, TypeError, AttributeError, RecursionError, configparser.ParsingError):
        return {}


def _name(value: object) -> str | None:
    """A header's name or version; None if it is missing or not plausible."""
    text = str(value).strip()
    return text if NAME_OR_VERSION.fullmatch(text) and text not in ("None", "UNKNOWN") else None


def _add(project: Project, member: Member) -> None:
    """Adds a member's row: of `files`, of `ci_configs`, of both (noxfile.py), or a reject."""
    raw, path = member.content, member.path
    if raw is None:
        project.rejects.append(_reject(path, None, member.reason, member.value))
        return
    kind = ci_kind(path, raw)
    if not kind and not path.endswith(".py"):
        return
    try:
        text, encoding = decode(raw) if path.endswith(".py") else (raw.decode(), "utf-8")
    except Undecodable as error:
        project.rejects.append(_reject(path, raw, error.reason, error.value))
    except UnicodeDecodeError as error:
        project.rejects.append(_reject(path, raw, "undecodable", f"utf-8 at byte {error.start}"))
    else:
        if kind:
            project.ci_configs.append({"path": path, "kind": kind, "content": text})
        if path.endswith(".py"):
            project.files.append(_file(path, raw, text, encoding))


def _file(path: str, raw: bytes, text: str, encoding: str) -> dict[str, Any]:
    return {
        "path": path,
        "content": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "raw_sha256": hashlib.sha256(raw).hexdigest(),
        "git_sha1": git_sha1(raw),
        "size": len(raw),
        "encoding": encoding,
    }


def _reject(path: str, raw: bytes | None, reason: str | None, value: str | None) -> dict[str, Any]:
    digest = hashlib.sha256(raw).hexdigest() if raw is not None else None
    return {"path": path, "sha256": digest, "reason": reason, "value": value}
