"""Reasons that are explained are reasons that stages give."""

import re
from pathlib import Path

import pytest

from transforms.report.reasons import EXPLAINED, explained

ROOT = Path(__file__).parents[3]
CODE = [
    path.read_text()
    for place in ("transforms", "pipelines")
    for path in (ROOT / place).rglob("*.py")
    if "report" not in path.parts
]

REJECTED = r'(?:Rejected|Unfit)\(\s*"([a-z_]+)"'


@pytest.mark.parametrize("reason", EXPLAINED)
def test_a_stage_gives_it(reason: str) -> None:
    assert any(f'"{reason}"' in text for text in CODE)


def raised(stage: str) -> set[str]:
    """The reasons for which the code of a stage rejects a function or a problem, as literals."""
    texts = (path.read_text() for path in (ROOT / "transforms" / stage).rglob("*.py"))
    return {reason for text in texts for reason in re.findall(REJECTED, text)}


def told(stage: str) -> set[str]:
    """The reasons in the column of reasons of the tables in a stage's README."""
    found, column = set[str](), None
    for line in (ROOT / "transforms" / stage / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line[:1] == "|" else []
        heads = [place for place, cell in enumerate(cells) if cell.startswith("reason")]
        column = (heads[0] if heads else column) if cells else None
        if column is not None and column < len(cells):
            # In brackets stands what the value says.
            found |= set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", cells[column])))
    return found


@pytest.mark.parametrize("stage", ["ci", "contests", "verify"])
def test_reasons_in_the_code_are_told(stage: str) -> None:
    assert raised(stage) and not {reason for reason in raised(stage) if not explained(reason)}


@pytest.mark.parametrize("stage", ["corpus", "feed", "functions", "verify"])
def test_reasons_in_the_readme_are_told(stage: str) -> None:
    assert told(stage) and not {reason for reason in told(stage) if not explained(reason)}


def test_what_is_not_told_explains_itself() -> None:
    assert explained("unheard_of") == ""
