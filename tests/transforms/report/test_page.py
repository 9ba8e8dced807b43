"""The style of the page: contrast in both schemes; and its templates are part of the package."""

import re
from importlib.resources import files

import pytest

CSS = files("transforms.report").joinpath("templates", "page.css").read_text()
LIGHT, DARK = re.findall(r":root \{(.*?)\n *\}", CSS, re.DOTALL)
LEAST = 4.5  # WCAG 2, level AA, of text; of marks 3
TEXTS = [
    (text, ground)
    for text in ("text", "soft", "accent", "threshold")
    for ground in ("page", "box", "code")
] + [("mark-text", "mark")]
MARKS = [(mark, "page") for mark in ("kept", "dropped", "came")]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(scheme, one, other):
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
    dark, light = sorted(luminance(colours[name]) for name in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme):
    assert {pair: c for pair in TEXTS if (c := contrast(scheme, *pair)) < LEAST} == {}
    assert {pair: c for pair in MARKS if (c := contrast(scheme, *pair)) < 3} == {}
