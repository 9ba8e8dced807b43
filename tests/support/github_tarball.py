"""The archive that GitHub makes of a commit."""

import gzip
import io
import tarfile


def tarball(name: str, commit: str) -> bytes:
    """A repository `acme/NAME` with one file, NAME.py."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", pax_headers={"comment": commit}) as tar:
        info = tarfile.TarInfo(f"acme-{name}-{commit[:7]}/{name}.py")
        content = f"NAME = {name!r}\n".encode()
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return gzip.compress(sink.getvalue(), mtime=0)
