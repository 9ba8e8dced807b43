"""An index of packages that tests make themselves: small ones, and wheels of what is installed."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

from transforms.ci.package_proxy import address, distribution


def wheel(name: str, version: str, files: Mapping[str, bytes], requires: str = "") -> bytes:
    """A wheel of pure Python."""
    info = f"{name}-{version}.dist-info"
    heading = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    needed = "".join(f"Requires-Dist: {each}\n" for each in filter(None, requires.split(",")))
    texts = dict(files)
    texts[f"{info}/METADATA"] = f"{heading}{needed}".encode()
    texts[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in texts.items()]
    texts[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in texts.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def installed_wheel(name: str, requires: str = "", version: str = "") -> tuple[str, bytes]:
    """The wheel of a distribution that is installed here, and its file name; under a version."""
    found = metadata.distribution(name)
    files = {
        str(path): Path(str(path.locate())).read_bytes()
        for path in found.files or ()
        if str(path).endswith(".py") and not str(path).startswith("..")
    }
    bare = found.metadata["Name"].replace("-", "_").lower()
    version = version or found.version
    return f"{bare}-{version}-py3-none-any.whl", wheel(bare, version, files, requires)


@dataclass
class TinyIndex:
    """An index in memory: the content of each file by its name."""

    files: dict[str, bytes] = field(default_factory=dict)
    uploaded: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, version: str = "1.0", requires: str = "") -> None:
        """A package with one module that is named as it is."""
        files = {f"{name}.py": f"version = '{version}'\n".encode()}
        filename = f"{name}-{version}-py3-none-any.whl"
        self.files[filename] = wheel(name, version, files, requires)

    def listed(self, project: str) -> list[dict[str, Any]]:
        """The files of a project."""
        listed = []
        for filename, content in self.files.items():
            if distribution(filename)[0] == project:
                sha256 = hashlib.sha256(content).hexdigest()
                listed.append(
                    {
                        "filename": filename,
                        "hashes": {"sha256": sha256},
                        "url": address(sha256, filename),
                        "upload-time": self.uploaded.get(filename, "2020-01-01T00:00:00Z"),
                    }
                )
        return listed

    def file(self, sha256: str, name: str) -> BinaryIO:
        """A file, open."""
        return io.BytesIO(self.files[name])
