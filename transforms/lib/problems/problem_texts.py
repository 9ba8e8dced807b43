"""The texts of a problem as one content, and a problem with other texts in their place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule

Row = dict[str, Any]

BREAK = b"\n"  # between the texts of a content
# The columns with texts, those of problems of ci too; `test` is one where it is not made of tests.
TEXT_COLUMNS = (
    *("prompt", "canonical_solution", "harness", "context", "signature"),
    *("title", "statement", "docstring", "compare_evidence"),
)
LIST_COLUMNS = ("solutions", "wrong_solutions", "traced_tests")
CASE_FIELDS = ("input", "output", "origin")  # the origin of a recorded test may name its arguments


@dataclass(frozen=True)
class ProblemTexts:
    """The texts of a problem: those of `columns`, of LIST_COLUMNS, and last those of its tests.

    `remade`: whether the column `test` follows from the tests, so that it is no text of its own.
    """

    row: Mapping[str, Any]
    columns: tuple[str, ...]
    texts: tuple[bytes, ...]
    remade: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ProblemTexts":
        """The texts of a row of problems."""
        remade = row["test"] == _test_of(row)
        known = [*TEXT_COLUMNS, *([] if remade else ["test"])]
        columns = tuple(name for name in known if row.get(name))
        texts = [row[name] for name in columns]
        texts += [text for name in LIST_COLUMNS for text in row.get(name) or ()]
        texts += [case[name] or "" for case in row["tests"] or () for name in CASE_FIELDS]
        return cls(row, columns, tuple(text.encode() for text in texts), remade)

    @property
    def content(self) -> bytes:
        """All texts, one after the other."""
        return BREAK.join(self.texts)

    def bounds(self) -> list[tuple[int, int]]:
        """The begin and end of each text in the content."""
        ends = accumulate(len(text) + len(BREAK) for text in self.texts)
        return [
            (end - len(BREAK) - len(text), end - len(BREAK))
            for text, end in zip(self.texts, ends, strict=True)
        ]

    def looked_at(self) -> list[tuple[int, bytes]]:
        """What is looked at as one text, with its begin in the content: all tests are one.

        They are many and short, and the values in them are whole.
        """
        single = len(self.texts) - len(CASE_FIELDS) * len(self.row["tests"])
        begins = [begin for begin, _ in self.bounds()]
        parts = list(zip(begins[:single], self.texts[:single], strict=True))
        if single < len(self.texts):
            parts.append((begins[single], BREAK.join(self.texts[single:])))
        return parts

    def with_texts(self, texts: Sequence[bytes]) -> Row:
        """The row with these texts in place of its own, in the same order."""
        rest = iter([text.decode() for text in texts])
        row: Row = dict(self.row) | {name: next(rest) for name in self.columns}
        for name in LIST_COLUMNS:
            if row.get(name):
                row[name] = [next(rest) for _ in row[name]]
        row["tests"] = [{name: next(rest) for name in CASE_FIELDS} for _ in row["tests"]]
        return row | {"test": _test_of(row)} if self.remade else row


def _test_of(row: Mapping[str, Any]) -> str | None:
    """The text of `check` that follows from the other columns; a problem of ci has a nicer one."""
    cases = [TestCase(**case) for case in row["tests"] or ()]
    rule = CompareRule(row["compare"], tolerance=row["tolerance"])
    return check_text(cases, rule, row["harness"], row["kind"], row["entry_point"])
