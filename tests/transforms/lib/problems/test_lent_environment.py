"""The modules of an environment and of a tree, as a zip that Python imports from."""

import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.problems import lent_environment
from transforms.lib.problems.lent_environment import NotLent, lent_file, lent_zip
from transforms.lib.sandbox import Returned, Sandbox
from transforms.lib.sandbox.tiers import TIERS
from transforms.lib.skeleton.storage import Storage

SITE = "./lib/python3.12/site-packages/"
SOME = {"some.pth": ""}


def tar(files: Mapping[str, str | bytes], prefix: str = "") -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(prefix + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return sink.getvalue()


def lent(installed: Mapping[str, str | bytes], tree: Mapping[str, str | bytes]) -> dict[str, bytes]:
    content = lent_zip(tar(installed, SITE), tar(tree), "3.12.1")
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}


def test_modules_and_what_stands_beside_them():
    installed = {
        "six.py": "",
        "yaml/__init__.py": "",
        "yaml/_yaml.cpython-312-x86_64-linux-gnu.so": "",
        "yaml/names.json": "{}",
        "yaml/__pycache__/__init__.cpython-312.pyc": "",
        "quire.pth": "import quire_tracer",
        "distutils-precedence.pth": "import os",
        "_virtualenv.py": "",
        "pip/__init__.py": "",
        "LICENSE": "",
        "PyYAML-6.0.dist-info/METADATA": "Name: PyYAML",
        "PyYAML-6.0.dist-info/RECORD": "",
        "plug.dist-info/entry_points.txt": "[a]",
    }
    assert list(lent(installed, {"own.py": "import six\nfrom yaml import names"})) == [
        "PyYAML-6.0.dist-info/METADATA",
        "own.py",
        "plug.dist-info/entry_points.txt",
        "six.py",
        "yaml/__init__.py",
        "yaml/names.json",
    ]


@pytest.mark.parametrize(
    ("path", "others", "name"),
    [
        ("a.py", "", "a.py"),
        ("a/b.py", "a/__init__.py", "a/b.py"),
        ("src/a/b.py", "src/a/__init__.py", "a/b.py"),
        ("python/a.py", "", "a.py"),
        ("lib/a/b.py", "lib/__init__.py lib/a/__init__.py", "lib/a/b.py"),
        ("packages/one/a/b.py", "packages/one/a/__init__.py", "a/b.py"),
        ("a/space/b.py", "", "a/space/b.py"),
        ("a/data/x.json", "a/__init__.py", "a/data/x.json"),
        ("src/a/space/b.py", "src/a/__init__.py", "a/space/b.py"),
        ("src/a/data/x.json", "src/a/__init__.py", "a/data/x.json"),
        ("src/a.egg-info/PKG-INFO", "", "a.egg-info/PKG-INFO"),
        ("setup.py", "", None),
        ("docs/x.txt", "docs/conf.py", None),
        ("test/a.py", "", "test/a.py"),
        ("test/x.json", "test/__init__.py", None),
        ("my-scripts/run.py", "", None),
        (".tox/a.py", "", None),
        ("a/.env", "a/__init__.py", None),
        ("node_modules/a/b.py", "", None),
    ],
)
def test_a_file_of_the_tree_is_where_it_is_imported_from(path, others, name):
    files = lent(SOME, dict.fromkeys([*others.split(), "other.py"], "") | {path: "#"})
    assert [name for name, content in files.items() if content] == ([name] if name else [])


@pytest.mark.parametrize(
    "installed",
    [
        {"_a.pth": "/sandbox/tree/one/code\n"},
        {"__editable___a_finder.py": "MAPPING = {'space': '/sandbox/tree/one/code/space'}"},
    ],
)
def test_an_editable_installation_says_where_modules_are(installed):
    files = lent(installed, {"one/code/space/a/__init__.py": "x = 1"})
    assert files["space/a/__init__.py"] == b"x = 1"


def test_the_tree_comes_before_what_is_installed_and_does_not_hide_it():
    installed = {"a/__init__.py": "old", "a/_version.py": "built"}
    files = lent(installed, {"a/__init__.py": "new", "vendored/deep/a/__init__.py": "other"})
    assert files == {"a/__init__.py": b"new", "a/_version.py": b"built"}


def test_of_an_environment_what_is_imported_is_lent():
    installed = {
        "direct/__init__.py": "from deep.inner import x\n",
        "direct/late.py": "def f():\n    import late\n",
        "direct/data.json": "{}",
        "deep/__init__.py": "",
        "late.py": "",
        "first.py": "",
        "second.py": "import first",
        "named.py": "",
        "of_tests.py": "",
        "of_docs.py": "",
        "builder/__init__.py": "import own",
    }
    tree = {
        "own/__init__.py": "import second as s, direct.late\n",
        "own/plugins.py": "load('named.thing')",
        "test/test_own.py": "import of_tests",
        "docs/conf.py": "import of_docs",
    }
    names = lent(installed, tree).keys()
    assert names == {*installed, *tree} - {"of_docs.py", "builder/__init__.py"}


def test_python_imports_from_it(tmp_path: Path):
    content = lent_zip(
        tar(
            {
                "space/one/__init__.py": "x = 1",
                "Named-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: Named\nVersion: 1.5",
            },
            SITE,
        ),
        tar({"src/own/__init__.py": "from space.one import x", "src/own/data.txt": "text"}),
        "3.12",
    )
    assert content is not None
    place = tmp_path / "lent"
    place.write_bytes(content)
    program = (
        f"import sys; sys.path.append({str(place)!r})\n"
        "import own, importlib.metadata, importlib.resources as resources\n"
        "print(own.x, importlib.metadata.version('named'), "
        "(resources.files('own') / 'data.txt').read_text())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1 1.5 text\n"


def test_the_same_files_give_the_same_bytes():
    files = {"a.py": "1", "b/__init__.py": "2", "c.py": "3"}
    turned = dict(reversed(files.items()))
    results = {lent_zip(tar(each, SITE), tar(each), "3.12") for each in (files, turned)}
    assert len(results) == 1


def test_another_interpreter_s_packages_are_left_out():
    content = lent_zip(tar({"a.py": ""}, "lib/python3.1/site-packages/"), tar({"b.py": ""}), "3.12")
    assert content is not None
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["b.py"]


def test_what_modules_do_not_need_is_left_out_of_what_is_too_large(monkeypatch):
    monkeypatch.setattr(lent_environment, "MAX_LENT_BYTES", 100)
    large = "#" * 90
    assert lent(SOME, {"a/__init__.py": large, "test/test_a.py": large}) == {
        "a/__init__.py": large.encode()
    }
    assert lent_zip(tar(SOME, SITE), tar({"a.py": large, "b.py": large}), "3.12") is None


@pytest.mark.parametrize("damaged", [b"", b"no tar" * 100, tar({"a.py": "x" * 5000})[:2000]])
def test_a_damaged_tar_gives_none(damaged):
    assert lent_zip(damaged, tar({"a.py": ""}), "3.12") is None
    assert lent_zip(tar({"a.py": ""}), damaged, "3.12") is None


@pytest.fixture
def store(tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(Storage(str(tmp_path / "data")))


@pytest.mark.parametrize("tier", [tier.NAME for tier in TIERS])
def test_a_sandbox_imports_what_is_lent(store: ArchiveStore, tier: str):
    content = lent_zip(
        tar({"space/one.py": "x = 1"}, SITE), tar({"own.py": "import space.one\ny = 2"}), "3.12"
    )
    assert content is not None
    with (
        lent_file(store, store.put(content)) as file,
        Sandbox(tier, libraries=[file]) as sandbox,
    ):
        done = sandbox.calls("import own, space.one", "lambda: (own.y, space.one.x)", [()])
    assert done.outcomes == (Returned((2, 1)),)
    assert not Path(file).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x05\x06" + b"\0" * 18, None),
        (b"no zip", "is no zip"),
        (b"PK\x01\x02" * 80_001, "has over 80000 files"),
        (b"0" * 1001, "has over 1000 bytes"),
    ],
)
def test_what_is_in_the_store_is_looked_at(store, content, why, monkeypatch):
    monkeypatch.setattr(lent_environment, "MAX_ZIP_BYTES", 1000 if b"0" in content else 1 << 20)
    sha256 = store.put(content)
    if why is None:
        with lent_file(store, sha256) as file:
            assert Path(file).read_bytes() == content
        return
    with pytest.raises(NotLent, match=why), lent_file(store, sha256):
        pass


def test_what_is_not_in_the_store_or_damaged_is_not_lent(store: ArchiveStore):
    for sha256, why in (("0" * 64, "is not in the store"), ("../../x", "is no sha256")):
        with pytest.raises(NotLent, match=why), lent_file(store, sha256):
            pass
    sha256 = store.put(lent_zip(tar(SOME, SITE), tar({"a.py": ""}), "3.12") or b"")
    store.data.put(store.name(sha256), store.data.read(store.name(sha256))[:-1])
    with pytest.raises(NotLent, match="is damaged"), lent_file(store, sha256):
        pass
