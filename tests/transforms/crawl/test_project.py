"""Every Python file and CI configuration of a project becomes a row or a reject."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.lib.licences.test_licences import MIT
from transforms.crawl.project import Project, read_project, wanted
from transforms.lib.archives import Member


def project(**files: bytes) -> Project:
    return read_project(Member(path, content) for path, content in files.items())


def outcomes(found: Project) -> dict[str, str]:
    """For each path the dataset or reason of its row; both where a path has two rows."""
    went = [(row["path"], "file") for row in found.files]
    went += [(row["path"], row["kind"]) for row in found.ci_configs]
    went += [(row["path"], row["reason"]) for row in found.rejects]
    return {path: "+".join(to for p, to in went if p == path) for path, _ in went}


@pytest.mark.parametrize(
    ("member", "outcome"),
    [
        (Member("a.py", b"x = 1\n"), "file"),
        (Member("a.py", b""), "file"),
        (Member("a.py", b"\xff"), "undecodable"),
        (Member("a.py", b"\0"), "nul_byte"),
        (Member("a.py", b"# coding: utf-7\n"), "codec_not_allowed"),
        (Member("a.py", None, "too_large", "1000000"), "too_large"),
        (Member("../a.py", None, "path_traversal"), "path_traversal"),
        (Member("noxfile.py", b"# coding: latin-1\n'\xe9'"), "file+nox"),
        (Member("noxfile.py", b"\xff"), "undecodable"),
        (Member("sub/noxfile.py", b""), "file"),
        (Member("tox.ini", b"[tox]\n"), "tox"),
        (Member("tox.ini", b"[tox]\n# \xe9\n"), "undecodable"),
        (Member("tox.ini", None, "link", "/etc/passwd"), "link"),
        (Member(".travis.yml", None, "too_large", "1000000"), "too_large"),
        (Member("setup.cfg", b"[metadata]\n# \xe9\n"), None),
        (Member("setup.cfg", b"[tox:tox]\n# \xe9\n"), "undecodable"),
        (Member("setup.cfg", None, "link"), "link"),  # it may have been one
        (Member("LICENSE", b"\xff"), None),
        (Member("PKG-INFO", b"\xff"), None),
        (Member("a.pyc", b""), None),
        (Member("a.PY", b""), None),
    ],
)
def test_each_member_has_a_row_unless_it_is_not_wanted(member: Member, outcome: str | None) -> None:
    assert outcomes(read_project([member])) == ({member.path: outcome} if outcome else {})


def test_rows() -> None:
    raw = b"\xef\xbb\xbf# caf\xc3\xa9\r\n"
    found = read_project(
        [Member("p/a.py", raw), Member("b.py", b"\xff"), Member("c.py", None, "link", "to")]
    )
    text = "# café\r\n"
    assert found.files == [
        {
            "path": "p/a.py",
            "content": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "raw_sha256": hashlib.sha256(raw).hexdigest(),
            "git_sha1": "608f95394ecd49363fadeae768460385a009966d",  # of `git hash-object`
            "size": len(raw),
            "encoding": "utf-8-sig",
        }
    ]
    digest = hashlib.sha256(b"\xff").hexdigest()
    assert [(row["path"], row["sha256"], row["value"]) for row in found.rejects] == [
        ("b.py", digest, "invalid or missing encoding declaration"),
        ("c.py", None, "to"),
    ]


def test_ci_configurations_are_unchanged() -> None:
    found = project(**{"tox.ini": b"\xef\xbb\xbf[tox]\r\n", ".github/workflows/ci.yml": b"on:\n"})
    assert [(row["path"], row["kind"], row["content"]) for row in found.ci_configs] == [
        ("tox.ini", "tox", "\ufeff[tox]\r\n"),
        (".github/workflows/ci.yml", "github_workflow", "on:\n"),
    ]


def metadata(name: str, version: str = "1.0", *more: str) -> bytes:
    return "\n".join([f"Name: {name}", f"Version: {version}", *more, "", "body"]).encode()


@pytest.mark.parametrize(
    ("files", "name", "version"),
    [
        ({"PKG-INFO": metadata("p")}, "p", "1.0"),
        ({"p.egg-info/PKG-INFO": metadata("egg"), "PKG-INFO": metadata("top")}, "top", "1.0"),
        ({"p.egg-info/PKG-INFO": metadata("egg")}, "egg", "1.0"),
        ({"src/p.egg-info/PKG-INFO": metadata("egg")}, "egg", "1.0"),
        ({"p-1.0.dist-info/METADATA": metadata("wheel")}, "wheel", "1.0"),
        ({"p/_vendor/q-2.dist-info/METADATA": metadata("vendored")}, None, None),
        ({"tests/data/PKG-INFO": metadata("fixture")}, None, None),
        ({"METADATA": metadata("something else")}, None, None),
        ({"PKG-INFO": metadata("UNKNOWN", "UNKNOWN")}, None, None),
        ({"PKG-INFO": metadata("../../etc", "1.0\x1b[2J")}, None, None),
        ({"PKG-INFO": metadata("a b", "x" * 999)}, None, None),
        ({"PKG-INFO": b"Name: p\xff\nVersion: 1!2.0.post1+local.7\n"}, None, "1!2.0.post1+local.7"),
        ({"PKG-INFO": b"\0\xff" * 99}, None, None),
        ({"PKG-INFO": b""}, None, None),
        ({}, None, None),
    ],
)
def test_name_and_version(files: dict[str, bytes], name: str | None, version: str | None) -> None:
    found = project(**files)
    assert (found.name, found.version) == (name, version)


@pytest.mark.parametrize(
    ("files", "name", "version"),
    [
        ({"pyproject.toml": b"[project]\nname='p'\nversion='1'\n"}, "p", "1"),
        ({"pyproject.toml": b"\xef\xbb\xbf[tool.poetry]\nname='p'\n"}, "p", None),
        ({"pyproject.toml": b"[project]\nname='p'\ndynamic=['version']\n"}, "p", None),
        ({"setup.cfg": b"[metadata]\nname = p\nversion = file: V\n"}, "p", None),
        (
            {"setup.cfg": b"[metadata]\nname=q\n", "pyproject.toml": b"[project]\nname='p'"},
            "p",
            None,
        ),
        ({"setup.cfg": b"[metadata]\nname=q\n", "pyproject.toml": b"[tool.ruff]\n"}, "q", None),
        ({"pyproject.toml": b"[project]\nname='../etc'\n"}, None, None),
        ({"pyproject.toml": b"project = 1\ntool = 2\n"}, None, None),
        ({"pyproject.toml": b"[project]\nname = [" + b"[" * 9999}, None, None),
        ({"setup.cfg": b"no section\n\xff"}, None, None),
        ({"setup.cfg": b"[metadata]\nname\n  [x"}, None, None),
        ({"sub/pyproject.toml": b"[project]\nname='p'\n"}, None, None),
        ({"PKG-INFO": metadata("r"), "pyproject.toml": b"[project]\nname='p'\n"}, None, None),
    ],
)
def test_what_settings_declare(
    files: dict[str, bytes], name: str | None, version: str | None
) -> None:
    found = project(**files)
    assert (found.settings_name, found.settings_version) == (name, version)


def test_three_licences() -> None:
    declared = metadata("p", "1.0", "License: our own terms")
    found = project(**{"PKG-INFO": declared, "LICENSE": MIT.encode(), "vendor/LICENSE": b"GPL"})
    three = (found.licence_declared, found.licence_detected, found.licence_spdx)
    assert three == ("our own terms", "MIT", "MIT")
    assert project().licence_spdx == "NOASSERTION"
    wheel = project(**{"p-1.dist-info/licenses/LICENSE": MIT.encode()})
    assert wheel.licence_detected == "MIT"


PATHS = st.sampled_from(
    ["a.py", "b/c.py", "noxfile.py", "tox.ini", "setup.cfg", "pyproject.toml", ".travis.yml"]
    + [".github/workflows/c.yml", "PKG-INFO", "LICENSE", "README", "p.egg-info/PKG-INFO"]
)
CONTENT = st.one_of(
    st.none(), st.binary(max_size=9), st.sampled_from([b"[tox:tox]\n", b"[tool.tox]\n", b"\0"])
)


@given(st.dictionaries(PATHS, CONTENT))
def test_no_python_file_is_lost(files: dict[str, bytes | None]) -> None:
    """Each Python file is one row of `files` or one reject, whatever else there is."""
    found = read_project(
        Member(path, content, None if content is not None else "link")
        for path, content in files.items()
        if wanted(path)
    )
    rows = [row["path"] for row in (*found.files, *found.rejects) if row["path"].endswith(".py")]
    assert sorted(rows) == sorted(path for path in files if path.endswith(".py"))
    assert all(row["reason"] for row in found.rejects)
