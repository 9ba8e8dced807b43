"""The texts of a problem as one content, and a problem with other texts in their place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule

Row = dict[str, Any]

BREAK = b"\n"  # between the texts of a content
# The columns with texts, those of problems of ci too; `test` is one where it is not made of tests.
CODE_COLUMNS = ("prompt", "canonical_solution", "harness", "context", "signature")
PROSE_COLUMNS = ("title", "statement", "docstring", "compare_evidence")
CODE_LISTS, PROSE_LISTS = ("solutions", "wrong_solutions"), ("traced_tests",)
CASE_FIELDS, CASE_PROSE = ("input", "output"), ("origin",)  # an origin may repeat the arguments


class TextPart(NamedTuple):
    """A part of a content that is looked at as one text: Python, or anything else."""

    begin: int
    text: bytes
    is_code: bool


@dataclass(frozen=True)
class ProblemTexts:
    """The texts of a problem: those of its columns, of its lists, and last those of its tests.

    `columns` are those that are not empty. `remade`: whether the column `test` follows from the
    tests, so that it is no text of its own.
    """

    row: Mapping[str, Any]
    columns: tuple[str, ...]
    texts: tuple[bytes, ...]
    remade: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ProblemTexts":
        """The texts of a row of problems."""
        remade = row["test"] == _test_of(row)
        known = (*CODE_COLUMNS, *([] if remade else ["test"]), *PROSE_COLUMNS)
        columns = tuple(name for name in known if row.get(name))
        lists = [text for name in (*CODE_LISTS, *PROSE_LISTS) for text in row.get(name) or ()]
        cases = [
            case[name] or ""
            for names in (CASE_FIELDS, CASE_PROSE)
            for case in row["tests"] or ()
            for name in names
        ]
        texts = [*(row[name] for name in columns), *lists, *cases]
        return cls(row, columns, tuple(text.encode() for text in texts), remade)

    @cached_property
    def content(self) -> bytes:
        """All texts, one after the other."""
        return BREAK.join(self.texts)

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """The begin and end of each text in the content."""
        ends = accumulate(len(text) + len(BREAK) for text in self.texts)
        return [
            (end - len(BREAK) - len(text), end - len(BREAK))
            for text, end in zip(self.texts, ends, strict=True)
        ]

    def parts(self) -> Iterator[TextPart]:
        """Yields the texts as they are looked at: those of all tests are one, as they are short.

        The tests of a program that reads standard input are no code.
        """
        tests = len(self.row["tests"] or ())
        sizes = [1] * (len(self.texts) - tests * len((*CASE_FIELDS, *CASE_PROSE)))
        sizes += [tests * len(CASE_FIELDS), tests * len(CASE_PROSE)] if tests else []
        at = 0
        for size, is_code in zip(sizes, self._are_code(), strict=True):
            yield TextPart(self.bounds[at][0], BREAK.join(self.texts[at : at + size]), is_code)
            at += size

    def _are_code(self) -> list[bool]:
        """Whether each part is code."""
        code = [name not in PROSE_COLUMNS for name in self.columns]
        for name in (*CODE_LISTS, *PROSE_LISTS):
            code += [name in CODE_LISTS] * len(self.row.get(name) or ())
        return code + ([self.row["kind"] != "stdio", False] if self.row["tests"] else [])

    def with_texts(self, texts: Iterable[bytes]) -> Row:
        """The row with these texts in place of its own, in the same order."""
        rest = (text.decode() for text in texts)
        row: Row = dict(self.row) | {name: next(rest) for name in self.columns}
        for name in (*CODE_LISTS, *PROSE_LISTS):
            if row.get(name):
                row[name] = [next(rest) for _ in row[name]]
        cases = [{name: next(rest) for name in CASE_FIELDS} for _ in row["tests"] or ()]
        row["tests"] = [case | {name: next(rest) for name in CASE_PROSE} for case in cases]
        return row | {"test": _test_of(row)} if self.remade else row


def _test_of(row: Mapping[str, Any]) -> str | None:
    """The text of `check` that follows from the other columns; a problem of ci has a nicer one."""
    cases = [TestCase(**case) for case in row["tests"] or ()]
    rule = CompareRule(row["compare"], tolerance=row["tolerance"])
    return check_text(cases, rule, row["harness"], row["kind"], row["entry_point"])
