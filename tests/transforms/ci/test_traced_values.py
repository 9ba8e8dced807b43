"""Values of traces: what is read, what is refused, and that nothing of them is evaluated."""

import pytest

from transforms.ci.traced_values import TracedValue
from transforms.lib.python.parsing import Rejected

DATE = "ref('datetime', 'date')(2020, 1, 2)"


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "-1.5",
        "(1, 'a', b'b', None, ...)",
        "{'a': [1, {2}], 3: ()}",
        "float('nan')",
        "set()",
        "frozenset({1})",
        DATE,
        "ref('a.b', 'C.D')",
        "ref('a', 'Colour').RED",
        "obj(ref('a', 'C'), {'x': 1})",
        "obj(ref('a', 'C'), {}, [1])",
        "ref('collections', 'defaultdict')(int, {'a': 1})",
    ],
)
def test_what_the_tracer_writes_is_a_value(text: str) -> None:
    assert TracedValue(text).tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "x",
        "1 + 2",
        "open('/etc/passwd')",
        "__import__('os')",
        "eval('1')",
        "ref('a', 'b').__class__",
        "ref('a', 'b').c.d",
        "ref('a b', 'c')",
        "ref('a', '')",
        "ref(1, 2)",
        "ref('a', 'b', 'c')",
        "ref('a', name='b')",
        "obj(1, {})",
        "obj(ref('a', 'b'), {1: 2})",
        "obj(ref('a', 'b'), [])",
        "[x for x in ()]",
        "f'{1}'",
        "(lambda: 1)",
        "{**{}}",
        "[*()]",
        "set(*())",
        "ref('a', 'b')(**{})",
        "1; 2",
        "[" * 5000 + "]" * 5000,
        "[" * 120 + "]" * 120,
        "obj(ref('a', 'b'), {'x': " * 60 + "1" + "})" * 60,
        "'" + "x" * 300_000 + "'",
    ],
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        _ = TracedValue(text).tree
    assert caught.value.reason == "bad_value"


def test_equal_values_have_one_canonical_text() -> None:
    def same(one: str, other: str) -> bool:
        return TracedValue(one).canonical() == TracedValue(other).canonical()

    assert same("{'a': 1, 'b': {2, 3}}", "{'b': {3, 2}, 'a': 1}")
    assert same("obj(ref('m', 'C'), {'x': 1, 'y': 2})", "obj(ref('m', 'C'), {'y': 2, 'x': 1})")
    assert not same("[1, 2]", "[2, 1]")
    assert not same("1", "1.0")
    assert not same("1", "True")
    ordered = "ref('collections', 'OrderedDict')({{{}}})"
    assert not same(ordered.format("1: 1, 2: 2"), ordered.format("2: 2, 1: 1"))


def test_a_program_writes_a_value_with_its_own_names() -> None:
    value = TracedValue(f"[{DATE}, obj(ref('m', 'C'), {{}})]")
    assert value.references == {("datetime", "date"), ("m", "C")}
    assert not value.is_literal
    assert value.has_objects
    written = value.written(lambda module, name: name if module == "m" else f"{module}.{name}")
    assert written == "[datetime.date(2020, 1, 2), _object(C, {})]"
