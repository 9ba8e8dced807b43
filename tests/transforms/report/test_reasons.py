"""Reasons that are explained are reasons that stages give."""

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


@pytest.mark.parametrize("reason", EXPLAINED)
def test_a_stage_gives_it(reason: str) -> None:
    assert any(f'"{reason}"' in text for text in CODE)


def test_what_is_not_told_explains_itself() -> None:
    assert explained("unheard_of") == ""
