"""Rows of findings: places in bytes, lines, masks of what policies act on, fingerprints."""

from transforms.lib.detection.finding import LOW, Finding
from transforms.lib.detection.policy import chosen_policy
from transforms.secrets.finding_rows import FindingRows

TEXT = "é = 'one'\r\nb = 'two'\n\nc = 'one'\rd = 'six'\n"


def findings() -> list[Finding]:
    content, found, at = TEXT.encode(), list[Finding](), 0
    for value, confidence in ((b"one", "high"), (b"two", LOW), (b"one", "high"), (b"six", "high")):
        begin = content.index(value, at)
        at = begin + len(value)
        found.append(Finding(begin, at, "rule", "key", confidence))
    return found


def test_what_no_policy_acts_on_has_no_mask_and_takes_no_number() -> None:
    rows = list(FindingRows(chosen_policy("mask"), b"key").of_text(TEXT, findings()))
    assert [(row["line"], row["action"], row["mask"]) for row in rows] == [
        (1, "mask", "<KEY>"),
        (2, "none", None),
        (4, "mask", "<KEY>"),
        (5, "mask", "<KEY_2>"),
    ]
    places = [TEXT.encode()[row["start_byte"] : row["end_byte"]] for row in rows]
    assert places == [b"one", b"two", b"one", b"six"]


def test_fingerprints_are_of_the_value_and_the_key() -> None:
    def prints(key: bytes) -> list[str]:
        rows = FindingRows(chosen_policy("report"), key).of_text(TEXT, findings())
        return [row["fingerprint"] for row in rows]

    one, two, again, six = prints(b"key")
    assert one == again and len({one, two, six}) == 3 and len(one) == 16
    assert not {one, two, six} & set(prints(b"other"))
    assert "b'secret'" not in repr(FindingRows(chosen_policy("report"), b"secret"))
