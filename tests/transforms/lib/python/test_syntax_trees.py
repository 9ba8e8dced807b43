"""Functions of a tree by their qualified names."""

from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import qualified


def test_functions_have_their_qualified_names() -> None:
    tree = parse_or_none(
        "class A:\n    def f(self):\n        def g(): pass\nif 1:\n    async def h(): pass\n"
    )
    assert [name for name, _ in qualified(tree)] == ["A.f", "A.f.<locals>.g", "h"]
