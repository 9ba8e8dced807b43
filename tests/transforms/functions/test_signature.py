"""Signatures as they are written."""

from transforms.functions.extraction import extract_functions

SIGNED = '''
@ a.b (1)
@(c)
async  def f(a, b: "x" = (1), /, c=[1,
        2], *d: int, e, g: (h) = ( # )
        -1), **i: "j") -> (
    k):  # c
    """Doc."""
'''


def test_signature_as_written() -> None:
    (row,) = extract_functions(SIGNED)
    assert row["decorators"] == ["a.b (1)", "(c)"]
    assert row["signature"] == SIGNED[SIGNED.index("async") : SIGNED.index(":  # c")]
    assert row["parameters"] == [
        ("a", "positional_only", None, None),
        ("b", "positional_only", '"x"', "(1)"),
        ("c", "positional_or_keyword", None, "[1,\n        2]"),
        ("d", "var_positional", "int", None),
        ("e", "keyword_only", None, None),
        ("g", "keyword_only", "(h)", "( # )\n        -1)"),
        ("i", "var_keyword", '"j"', None),
    ]
    assert row["returns"] == "(\n    k)"
    assert row["kind"] == "async_function" and row["min_python"] == "3.8"
