"""The calls of probes whose arguments are known before they run."""

import pytest

from transforms.lib.problems.probes.probed_calls import probed_calls

PROBE = "def test_f(candidate):\n    _seen = []\n{}\n    return _seen\n"


@pytest.mark.parametrize(
    ("lines", "calls"),
    [
        (["_seen.append(candidate(1, [2]))"], [(1, [2])]),
        (["x = {'a': 1}", "y = candidate(x)", "_seen.append(y)"], [({"a": 1},)]),
        (["p = (3, 4)", "a, b = p", "candidate(*p)", "candidate(b, a)"], [(3, 4), (4, 3)]),
        (["x = 1", "x = candidate(x)", "candidate(x)"], [(1,)]),
        (["candidate(1)", "candidate(1)"], [(1,)]),
        (["candidate(lambda x: x)", "candidate(x=1)", "candidate(*5)", "other(1)"], []),
        (["with _Raised(ValueError):", "    candidate(-1)"], [(-1,)]),
    ],
)
def test_calls_with_known_arguments(lines: list[str], calls: list[tuple]) -> None:
    body = "\n".join(f"    {line}" for line in lines)
    assert probed_calls(PROBE.format(body)) == calls


def test_a_text_that_is_no_python_has_none() -> None:
    assert probed_calls("def test_f(candidate:\n") == []
