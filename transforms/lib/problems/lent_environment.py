"""The environment of a project's problems as one zip of Python modules, to import from as it is.

A virtual environment is hundreds of megabytes, and stands where it was made. What a problem needs
of it are the modules of the project and of what that needs: those that are pure Python are put into
one zip, which Python imports from (`zipimport`). The same tars give the same bytes.

`lent_zip` makes the zip, `lent_file` lends one that is in the store to a sandbox, as a file.
"""

import contextlib
import hashlib
import io
import os
import posixpath
import re
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from transforms.lib.archives import ArchiveError, with_full_paths
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.archives.tool_folders import tool_folder

LENT_NAME = "modules.zip"
MAX_LENT_BYTES = 64 << 20  # of all files in a zip
MAX_LENT_FILES = 20_000
MAX_ZIP_BYTES = 2 * MAX_LENT_BYTES  # with what a zip says of its files
MAX_ENTRIES = 4 * MAX_LENT_FILES  # of a zip, with its folders; more than any has that quire made
MAX_DATA_BYTES = 512 << 10  # of a file beside modules
MAX_TAR_BYTES = 2 << 30  # of an environment with everything that is compiled
TREE = "/sandbox/tree"  # where a tree stood when its environment was made
# Folders of a tree that hold packages and are none themselves.
SOURCE_FOLDERS = ("src", "lib", "python")
# What is compiled, or is run where an interpreter starts, or tells one where to look.
NO_DATA = re.compile(
    r".*\.(so|pyd|dll|dylib|a|o|exe|pyc|pyo|pth|c|cc|cpp|h|hpp|pyx|pxd|f|f90|class|jar|whl|egg|zip)"
    r"(\.[\d.]+)?|.*/?__pycache__/.*|(.*/)?\..*",
    re.IGNORECASE,
)
METADATA = re.compile(r"[^/]+\.(dist|egg)-info/(METADATA|PKG-INFO|entry_points\.txt)")
INSTALLERS = re.compile(r"(pip|_virtualenv|_distutils_hack|__editable__[^/]*_finder)(/.*|\.py)")
# Whose data is left out, and of an environment that is too large all.
ASIDE = re.compile(
    r"(^|/)(tests?|testing|docs?|examples?|benchmarks?)/|(^|/)(test_[^/]*|conftest)\.py$"
)
MAX_ASIDE_DATA_BYTES = 64 << 10  # of a file beside modules, there
# Where an editable installation finds its modules: `'name': '/sandbox/tree/src/name'`.
FOUND_AT = re.compile(r"""['"][\w.]+['"]\s*:\s*['"](/[^'"]+)['"]""")
# Names after `from` and `import`, of modules and of what is in them.
IMPORT = re.compile(rb"\b(?:from|import)[ \t]+([A-Za-z0-9_., \t]+)")
QUOTED = re.compile(rb"""['"]([A-Za-z_][A-Za-z0-9_]*)""")
NO_ROOT = re.compile(r"(^|/)(docs?|examples?|benchmarks?)/|^(noxfile|tasks|versioneer)\.py$")
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold

Files = Mapping[str, bytes]


class NotLent(Exception):
    """An environment that cannot be lent; the text says why."""


def lent_zip(environment_tar: bytes, tree_tar: bytes, python: str) -> bytes | None:
    """The modules of a virtual environment and of a project's tree as a zip; the tree's first.

    `python` is the version of the environment's interpreter. None if there is too much for one zip,
    or if a tar is damaged.
    """
    number = r"\.".join(python.split(".")[:2]) or r"[\d.]+"
    packages = re.compile(rf"(?:lib|lib64)/(?:python|pypy){number}t?/site-packages/(.+)")
    try:
        installed = _below(environment_tar, lambda path: _name_in(packages, path))
        tree = _below(tree_tar, lambda path: None if tool_folder(path) else path)
    except ArchiveError:
        return None
    own = dict(_own(tree, _editable_roots(installed)))
    files = _imported(dict(_installed(installed)), own) | own
    if not _fits(files):
        files = {path: each for path, each in files.items() if not _is_aside(path, each)}
    return _zipped(files) if _fits(files) else None


def _name_in(packages: re.Pattern[str], path: str) -> str | None:
    match = packages.fullmatch(path)
    return match[1] if match else None


def _below(tar: bytes, name_of: Callable[[str], str | None]) -> dict[str, bytes]:
    """The files of a tar that may be lent, by the name that their path has; None is no name."""

    def is_wanted(path: str) -> bool:
        name = name_of(path)
        return name is not None and (_is_lent(name) or name.endswith(".pth"))

    found: dict[str, bytes] = {}
    for member in with_full_paths(io.BytesIO(tar), is_wanted, MAX_TAR_BYTES):
        name = name_of(member.path)
        if member.content is not None and name is not None and is_wanted(member.path):
            found[name] = member.content
    return found


def _is_lent(name: str) -> bool:
    """Whether a file is a module, or may be data of one."""
    return name.endswith(".py") or not NO_DATA.fullmatch(name)


def _installed(files: Files) -> Iterator[tuple[str, bytes]]:
    """The modules of the environment, the files beside them, and what tells of distributions."""
    modules = _tops(files)
    for name, content in files.items():
        top = name.partition("/")[0]
        if METADATA.fullmatch(name) or (
            top in modules and not INSTALLERS.fullmatch(name) and _is_needed(name, content)
        ):
            yield name, content


def _own(files: Files, roots: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The modules of a tree by where they are imported from, and the files beside them.

    Where two have one name, the one that is less deep in the tree comes last.
    """
    places = [
        (name, path)
        for path in sorted(files, key=lambda path: (-path.count("/"), path))
        for name in sorted(_names(path, files, roots))
        if path != "setup.py"
    ]
    modules = _tops(name for name, _ in places)
    for name, path in places:
        known = name.partition("/")[0] in modules or METADATA.fullmatch(name)
        if known and _is_needed(name, files[path]):
            yield name, files[path]


def _names(path: str, files: Files, roots: Collection[str]) -> set[str]:
    """The paths below which a file of a tree is imported, or found by the package it is in."""
    own = _root(path, files)
    return {
        path[len(root) :] for root in (*roots, f"{own}/" if own else "") if path.startswith(root)
    }


def _root(path: str, files: Files) -> str:
    """The folder of a tree that a file's outermost package stands in; empty for the tree itself."""
    folder = posixpath.dirname(path)
    while folder and f"{folder}/__init__.py" not in files:
        folder = posixpath.dirname(folder)
    if folder:
        while folder and f"{folder}/__init__.py" in files:
            folder = posixpath.dirname(folder)
        return folder
    first, _, rest = path.partition("/")
    return first if first in SOURCE_FOLDERS and rest else ""


def _tops(names: Iterable[str]) -> set[str]:
    """The first parts of the names that modules have below them, or are."""
    modules = (name for name in names if name.endswith(".py"))
    tops = {name.partition("/")[0] for name in modules}
    return {top for top in tops if top.removesuffix(".py").isidentifier()}


def _is_needed(name: str, content: bytes) -> bool:
    """Whether a file is a module, or data that one may read: not that of tests or documentation."""
    if name.endswith(".py"):
        return True
    return len(content) <= MAX_DATA_BYTES and not ASIDE.search(name)


def _imported(installed: Files, own: Files) -> dict[str, bytes]:
    """What of an environment a project's modules import, and what that imports, as a whole.

    The rest, such as what checks and builds projects, is far larger. What tells of distributions
    stays. Not found is what a package imports by a name that it puts together.
    """
    packages: dict[str, list[str]] = {}
    for name in installed:
        packages.setdefault(_top(name), []).append(name)
    reached = {_top(name) for name in own}
    texts = [text for name, text in own.items() if not NO_ROOT.search(name)]
    wanted = {word for text in texts for word in (*_imports(text), *_quoted(text))} | reached
    kept: dict[str, bytes] = {}
    while wanted:
        found = {name: installed[name] for top in wanted for name in packages.pop(top, ())}
        kept |= found
        modules = [text for name, text in found.items() if name.endswith(".py")]
        wanted = {word for text in modules for word in _imports(text)} & packages.keys()
    return kept | {name: text for name, text in installed.items() if METADATA.fullmatch(name)}


def _top(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def _imports(text: bytes) -> Iterator[str]:
    """All names that may be those of modules which a text imports, the first parts."""
    for match in IMPORT.finditer(text):
        for part in match[1].split(b","):
            yield from (word.partition(b".")[0].decode() for word in part.split()[:1])


def _quoted(text: bytes) -> Iterator[str]:
    """The words that strings begin with: modules are imported by these, too."""
    yield from (match[1].decode() for match in QUOTED.finditer(text))


def _editable_roots(installed: Files) -> list[str]:
    """The folders of the tree that an editable installation adds to the path, with a last `/`."""
    found = set[str]()
    for name, content in installed.items():
        text = content.decode("utf-8", "replace")
        if name.endswith(".pth"):
            found |= {posixpath.normpath(line.strip()) for line in text.splitlines()}
        elif INSTALLERS.fullmatch(name) and name.startswith("__editable__"):
            found |= {posixpath.dirname(match[1]) for match in FOUND_AT.finditer(text)}
    return sorted(f"{each[len(TREE) + 1 :]}/" for each in found if each.startswith(f"{TREE}/"))


def _fits(files: Files) -> bool:
    return len(files) <= MAX_LENT_FILES and sum(map(len, files.values())) <= MAX_LENT_BYTES


def _is_aside(path: str, content: bytes) -> bool:
    """Whether a file is none that modules need: of tests, of documentation, or much data."""
    large = not path.endswith(".py") and len(content) > MAX_ASIDE_DATA_BYTES
    return large or ASIDE.search(path) is not None


def _zipped(files: Files) -> bytes:
    """The files as a zip, in the order of their paths.

    Folders have entries of their own, by which `zipimport` knows packages without `__init__.py`.
    Nothing is compressed: what a compressor makes of the same content depends on its version.
    """
    folders = set[str]()
    for path in files:
        while (path := posixpath.dirname(path)) and f"{path}/" not in folders:
            folders.add(f"{path}/")
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path in sorted({*files, *folders}):
            info = zipfile.ZipInfo(path, FIXED_TIME)
            info.create_system = 3  # Unix, wherever it is made
            info.external_attr = (0o40755 if path in folders else 0o100644) << 16
            archive.writestr(info, files.get(path, b""))
    return sink.getvalue()


@contextlib.contextmanager
def lent_file(store: ArchiveStore, sha256: str) -> Iterator[str]:
    """The path of a copy of a lent zip, which every user may read, until the context ends.

    Raises NotLent if the zip is not in the store, or is none that quire made.
    """
    content = _stored(store, sha256)
    with tempfile.TemporaryDirectory(prefix="quire-lent-") as folder:
        path = Path(folder, LENT_NAME)
        path.write_bytes(content)
        os.chmod(folder, 0o755)  # the sandbox's user is another one
        path.chmod(0o444)
        yield str(path)


def _stored(store: ArchiveStore, sha256: str) -> bytes:
    """The content of a lent zip that is in the store; raises NotLent."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise NotLent(f"{sha256[:80]!r} is no sha256")
    if not store.has(sha256):
        raise NotLent(f"{sha256} is not in the store")
    with store.open(sha256) as stream:
        content = stream.read(MAX_ZIP_BYTES + 1)
    if len(content) > MAX_ZIP_BYTES:
        raise NotLent(f"{sha256} has over {MAX_ZIP_BYTES} bytes")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NotLent(f"{sha256} is damaged")
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:  # which begins the entry of each file
        raise NotLent(f"{sha256} has over {MAX_ENTRIES} files")
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise NotLent(f"{sha256} is no zip")
    return content
