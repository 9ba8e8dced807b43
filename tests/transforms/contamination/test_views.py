"""What stands in strings, behind prefixes or in other characters is checked as if it stood plainly."""

import json
import random
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.contamination.test_examine import INDEX, TASKS, verdicts
from transforms.contamination.evidence import evidence
from transforms.contamination.examine import examine
from transforms.contamination.report.carriers import CARRIERS
from transforms.contamination.views import layers
from transforms.contamination.views.plain_characters import plain_text, plain_texts
from transforms.lib.text.batch import text_batch

PROGRAM = TASKS[0].solutions[0]
# Carriers that the self-test does not seed.
OTHERS = {
    "three times JSON": lambda code: json.dumps([json.dumps([json.dumps([code])])]),
    "JSON without quotes": lambda code: json.dumps(code)[1:-1],
    "hexadecimal escapes": lambda code: json.dumps(code).replace("=", "\\u003d"),
    "a list of lines": lambda code: "x = [\n" + ",\n".join(map(repr, code.split("\n"))) + "]",
    "a mixed diff": lambda code: "@@ -1 +1 @@\n" + alternating(code, "+", " ") + "\n-old = 1\n",
    "a patch in JSON": lambda code: json.dumps({"patch": "@@ @@\n" + alternating(code, "+", " ")}),
    "quoted twice": lambda code: alternating(code, "> > "),
    "a block comment": lambda code: "/**\n" + alternating(code, " * ") + "\n */",
    "SQL": lambda code: alternating(code, "-- "),
    "IPython": lambda code: "In [1]: " + code.replace("\n", "\n   ...: "),
    "a box": lambda code: alternating(code, "│ "),
    "a search": lambda code: counted(code, "src/a1.py:{}:{}"),
    "brackets": lambda code: counted(code, "[{}] {}"),
    "numbers and bars": lambda code: counted(code, "| {} | {} |"),
    "spans": lambda code: "".join(f"<span>{c}</span>" if c.isalpha() else c for c in code),
    "HTML twice": lambda code: code.replace("<", "&amp;lt;").replace("=", "&#61;"),
    "full width": lambda code: code.translate({ord(c): ord(c) + 0xFEE0 for c in "():=%[]"}),
    "CSV": lambda code: '1,"' + code.replace("0", '""a""') + '"',
}


def alternating(code: str, *prefixes: str) -> str:
    return "\n".join(
        prefixes[number % len(prefixes)] + line for number, line in enumerate(code.split("\n"))
    )


def counted(code: str, form: str) -> str:
    return "\n".join(form.format(number, line) for number, line in enumerate(code.split("\n"), 9))


@pytest.mark.parametrize("name", [*dict(CARRIERS), *OTHERS])
def test_carried_code_is_a_hit_that_names_its_view(name: str) -> None:
    before = "\n".join(f"line {number} of the text" for number in range(40))
    carry = (dict(CARRIERS) | OTHERS)[name]
    plain = plain_text(carry(PROGRAM)) == PROGRAM
    found = examine(pa.array([f"{before}\n{carry(PROGRAM)}\n"]), INDEX).findings
    assert [(f.task, f.verdict) for f in found] == [(0, "hit")]
    [code] = [piece for piece in evidence(found[0]) if piece.channel == "C"]
    assert 41 <= code.first <= code.last <= 41 + carry(PROGRAM).count("\n")
    assert bool(code.view) != plain or name == "CSV", "CSV hides the first line only"


def test_the_line_is_that_of_the_original() -> None:
    text = "import json\n\nA = 1\nB = '''\nx\n" + "".join(
        f"+{line}\n" for line in PROGRAM.split("\n")
    )
    [finding] = examine(pa.array([text + "'''\n"]), INDEX).findings
    [tree] = [piece for piece in evidence(finding) if piece.channel == "A"]
    assert (tree.first, tree.function, tree.view) == (6, "restless_beads", "prefix")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([name for name, _ in CARRIERS]), max_size=2), st.randoms())
def test_carriers_in_carriers(names: list[str], rng: random.Random) -> None:
    """Two carriers that keep lines or characters apart do not hide what they hold."""
    if "with other spaces" in names or "in a docstring" in names or "in a table" in names:
        names = names[:1]
    text = PROGRAM
    for name in names:
        text = dict(CARRIERS)[name](text)
    assert verdicts(text) == {"ours/0": "hit"}


@given(st.text())
def test_any_text_has_views_and_they_are_texts(text: str) -> None:
    """Whatever the text, nothing fails, and all views are UTF-8 with lines of the text."""
    content = pa.array([text, f"'{text}'", f"+{text}\n+def f(x): &lt;br&gt;"])
    layer = layers.plain_layer(text_batch(plain_texts(content)))
    above = layers.Growing(layer)
    layers.add_prefixed(layer, above)
    layers.add_decoded(layer, above)
    views = above.layer()
    assert not examine(content, INDEX).findings
    for view in range(len(views.rows)) if views else ():
        begin, end = views.span(view)
        views.data[begin:end].tobytes().decode()
        lines = layer.data[slice(*layer.span(views.parents[view]))].tobytes().count(b"\n") + 1
        assert 1 <= views.line_of(view, end - 1) <= lines + text.count("\r") + 1


def test_likes_of_ascii_are_ascii() -> None:
    for point in range(0x80, 0x3100):
        character = chr(point)
        plain = plain_text(character)
        if character.isspace():
            assert plain in (" ", "\n")
        elif unicodedata.category(character) == "Cf":
            assert plain == ""
        elif unicodedata.category(character)[0] == "L":
            assert plain == unicodedata.normalize("NFC", character)


def test_a_long_text_is_checked_in_pieces(monkeypatch) -> None:
    monkeypatch.setattr(layers, "MAX_PIECE_BYTES", 4_000)
    monkeypatch.setattr(layers, "OVERLAP_BYTES", 2_000)
    filler = [f"v{number} = {number}" for number in range(3_000)]
    for place in (0, 100, 277, 1_500, 2_999):
        lines = [*filler[:place], *PROGRAM.rstrip("\n").split("\n"), *filler[place:]]
        [finding] = examine(pa.array(["\n".join(lines)]), INDEX).findings
        [tree] = [piece for piece in evidence(finding) if piece.channel == "A"]
        assert (finding.verdict, tree.first) == ("hit", place + 1)
        text = json.dumps(["é" * place, "\n".join(lines)], ensure_ascii=False)
        assert verdicts(text) == {"ours/0": "hit"}


def test_what_unwraps_for_ever_ends() -> None:
    text = "def f(x):\n    return x\n"
    for _ in range(9):
        text = json.dumps({"a": text, "b": text})
    assert verdicts(text) == {}
