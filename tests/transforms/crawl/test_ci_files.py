"""Files that configure CI are recognised by name, place and section."""

import pytest

from transforms.crawl.ci_files import ci_kind, maybe_ci


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("tox.ini", b"[tox]\n", "tox"),
        ("tox.ini", b"", "tox"),
        ("tox.toml", b"", "tox"),
        (".travis.yml", b"language: python\n", "travis"),
        ("noxfile.py", b"import nox\n", "nox"),
        (".github/workflows/ci.yml", b"on: push\n", "github_workflow"),
        (".github/workflows/ci.yaml", b"on: push\n", "github_workflow"),
        ("setup.cfg", b"[metadata]\r\nname = x\r\n[tox:tox]\r\nenvlist = py\r\n", "tox"),
        ("setup.cfg", b"[metadata]\nname = tox\n# [tox:tox]\n", None),
        ("setup.cfg", b"[testenv]\n", None),  # tox reads nothing here without its own section
        ("setup.cfg", b"[toxic]\n", None),
        ("pyproject.toml", b"[tool.tox]\nlegacy_tox_ini = '''\n[tox]\n'''\n", "tox"),
        ("pyproject.toml", b"[project]\n  [ tool.tox.env.py ]\n", "tox"),
        ("pyproject.toml", b"[tool.black]\n[tool.toxic]\n[tool.tox-uv]\n", None),
        ("pyproject.toml", b"# [tool.tox]\n", None),
        ("pyproject.toml", b"\n" * 900_000, None),
        ("sub/tox.ini", b"[tox]\n", None),
        ("tests/.travis.yml", b"", None),
        ("docs/noxfile.py", b"", None),
        ("sub/setup.cfg", b"[tox:tox]\n", None),
        ("x/.github/workflows/ci.yml", b"", None),
        (".github/workflows/sub/ci.yml", b"", None),
        (".github/workflows/ci.md", b"", None),
        (".github/dependabot.yml", b"", None),
        (".travis.yaml", b"", None),
        ("TOX.INI", b"", None),
        ("setup.py", b"[tox]\n", None),
    ],
)
def test_kind(path: str, content: bytes, kind: str | None) -> None:
    assert (ci_kind(path, content) if maybe_ci(path) else None) == kind
