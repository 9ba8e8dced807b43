"""The modules that problems import from, as a zip with masks in place of secrets."""

import io
import zipfile
from collections.abc import Iterator

import pyarrow as pa

from transforms.lib.archives.store import ArchiveStore
from transforms.lib.detection.find import find_secrets
from transforms.lib.detection.masks import masked, masked_ranges
from transforms.lib.detection.policy import NONE, REPORT, Policy, read_policy
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.batch import text_batch


def environment_zip(data: Storage, environment: str | None) -> bytes | None:
    """The zip of modules that a problem imports from; None if it needs none.

    What the policy of `secrets` acts on has a mask, also where it is to be dropped: without one of
    its modules no task runs. Raises UsageError if the zip is not in DATA/archives any more.
    """
    if environment is None:
        return None
    store = ArchiveStore(data)
    if not store.has(environment):
        place = data.path(store.name(environment))
        raise UsageError(f"{place}: missing; `quire ci {data.root} --resume` makes it anew")
    with store.open(environment) as file:
        content = file.read()
    policy = read_policy(data) or Policy()
    return content if policy.name == REPORT else masked_zip(content, policy)


def masked_zip(content: bytes, policy: Policy) -> bytes:
    """A zip of modules with masks in its texts; the same bytes if there is nothing to mask."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    changed = dict(_masked_texts([file for _, file in members], policy))
    if not changed:
        return content
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (info, file) in enumerate(members):
            archive.writestr(info, changed.get(number, file))
    return stream.getvalue()


def _masked_texts(files: list[bytes], policy: Policy) -> Iterator[tuple[int, bytes]]:
    """Yields those files in which something is masked, with their numbers."""
    texts = [(number, text) for number, file in enumerate(files) if (text := _text(file))]
    if not texts:
        return
    found = find_secrets(text_batch(pa.array([text for _, text in texts], pa.string())))
    for (number, _), findings in zip(texts, found, strict=True):
        acted_on = [finding for finding in findings if policy.action(finding) != NONE]
        if acted_on:
            yield number, masked(files[number], masked_ranges(files[number], acted_on))


def _text(file: bytes) -> str | None:
    """The file as a text; None if it is none."""
    try:
        return file.decode()
    except UnicodeDecodeError:
        return None
