"""Findings of all detectors together."""

import pyarrow as pa
import pytest

from transforms.lib.detection.find import (
    detection_version,
    find_anywhere,
    find_in_text,
    find_secrets,
    without_overlaps,
)
from transforms.lib.detection.finding import HIGH, KEY, LOW, Finding
from transforms.lib.text.batch import text_batch

TOKEN = "dop_v1_" + "0123456789abcdef" * 4
TEXTS = ["", f"a = '{TOKEN}'", "b = 1", f"# é ann@mailbox.org {TOKEN}", "x = '93.184.216.34'"]


def test_each_text_has_its_findings_wherever_it_is_in_the_batch() -> None:
    alone = [find_in_text(text) for text in TEXTS]
    assert [[f.kind for f in each] for each in alone] == [[], ["key"], [], ["email", "key"], ["ip"]]
    array = pa.array(["skipped ann@mailbox.org", *TEXTS, "x"], pa.string())
    assert find_secrets(text_batch(array[1:-1])) == alone
    assert find_secrets(text_batch(array[:0])) == []


def test_texts_side_by_side_do_not_join() -> None:
    texts = ["# ann", "@mailbox.org", "# 93.184.", "216.34", "# b@mailbox.or", "g"]
    found = find_secrets(text_batch(pa.array(texts, pa.string())))
    assert [len(each) for each in found] == [0] * 4 + [0, 0]


def test_findings_lie_in_strings_and_comments_unless_the_text_is_no_python() -> None:
    text = f"Write to ann@mailbox.org about {TOKEN}"
    assert not find_in_text(text)
    assert [text[f.begin : f.end] for f in find_anywhere(text)] == ["ann@mailbox.org", TOKEN]


@pytest.mark.parametrize(
    ("findings", "kept"),
    [
        ([(0, 4, HIGH), (4, 6, HIGH)], [0, 1]),
        ([(0, 4, HIGH), (2, 9, HIGH)], [1]),
        ([(0, 4, HIGH), (0, 4, HIGH)], [0]),
        ([(0, 9, LOW), (3, 4, HIGH)], [1]),
        ([(3, 9, HIGH), (0, 4, HIGH), (8, 12, LOW)], [0]),
    ],
)
def test_of_overlapping_findings_the_better_is_kept(findings, kept: list[int]) -> None:
    given = [Finding(b, e, f"rule{i}", KEY, sure) for i, (b, e, sure) in enumerate(findings)]
    assert without_overlaps(given) == [given[i] for i in kept]


def test_the_version_names_every_detector_once() -> None:
    names = [each.split()[0] for each in detection_version()]
    assert {"vendor_keys", "email_addresses", "ip_addresses"} <= set(names)
    assert len(names) == len(set(names))
