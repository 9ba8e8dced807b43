"""The kernel that counts the parameters of a function, and those with an annotation."""

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import CLOSE, COMMA, END, NEWLINE, OPEN, OPERATOR, WORD, token

COLON, ROUND = b":("
SELF, CLS, LAMBDA = (int.from_bytes(word, "big") for word in (b"self", b"cls", b"lambda"))


@kernel
def count_parameters(data, at, end):  # type: ignore[no-untyped-def]
    """Counts the parameters of the function whose `def` ends at `at`, and the annotated ones.

    A first parameter that is called self or cls does not count. Where the brackets are not closed,
    what has been found by the end of the text counts.
    """
    parameters = annotated = depth = lambdas = 0
    inside, expected, named, first = False, False, False, True
    while True:
        kind, begin, at = token(data, at, end)
        if kind == END or (kind == NEWLINE and depth == 0):
            return parameters, annotated
        if kind == OPEN:
            depth += 1
            if depth == 1 and data[begin] == ROUND:
                inside = expected = True
                continue
        elif kind == CLOSE:
            depth -= depth > 0
            if inside and depth == 0:
                return parameters, annotated
        if not inside or depth != 1:
            if depth == 0 and kind == OPERATOR and data[begin] == COLON:
                return parameters, annotated  # no brackets: no function of Python
            expected = named = False
        elif kind == COMMA:
            expected, named = lambdas == 0, False
        elif kind == WORD:
            value = _value(data, begin, at)
            lambdas += value == LAMBDA
            named = expected and not (first and value in (SELF, CLS))
            parameters += named
            first = first and not expected
            expected = False
        elif kind == OPERATOR and data[begin] == COLON:
            annotated += named
            named = False
            lambdas -= lambdas > 0
        elif kind == OPERATOR:
            named = False


@kernel
def _value(data, begin, end):  # type: ignore[no-untyped-def]
    """A short word as a number; 0 for a long one."""
    value = 0
    if end - begin <= 6:
        for at in range(begin, end):
            value = value << 8 | data[at]
    return value
