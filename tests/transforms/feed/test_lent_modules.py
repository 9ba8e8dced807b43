"""Zips of modules with masks in place of what a policy acts on."""

import io
import zipfile

from transforms.feed.lent_modules import masked_zip
from transforms.lib.detection.policy import Policy, chosen_policy

FILES = {
    "pkg/": b"",
    "pkg/mail.py": b"SENDER = 'mia.keller@uni-bonn.de'\n",
    "pkg/plain.py": b"x = 1\n",
    "pkg/table.dat": b"\xff mia.keller@uni-bonn.de",
}


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return sink.getvalue()


def test_texts_are_masked_and_the_rest_is_as_it_was() -> None:
    content = masked_zip(zipped(FILES), chosen_policy("mask"))
    masked = FILES | {"pkg/mail.py": b"SENDER = '<EMAIL>'\n"}
    assert content == zipped(masked)
    assert masked_zip(zipped(FILES), chosen_policy("drop", ["email"])) == content


def test_a_zip_with_nothing_to_mask_keeps_its_bytes() -> None:
    for policy in (Policy(), chosen_policy("mask", ["key"])):
        assert masked_zip(zipped(FILES), policy) == zipped(FILES)
    assert masked_zip(zipped({"pkg/": b""}), chosen_policy("mask")) == zipped({"pkg/": b""})
