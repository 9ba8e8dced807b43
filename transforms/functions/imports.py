"""The imports of a module, and those of them that a function needs, as a program would begin."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.functions.finding import BLOCKS, DEFINITIONS

POSTPONED = "from __future__ import annotations"
Import = tuple[str | None, str]  # the module (None for `import x`), and what is imported as what


@dataclass
class Imports:
    """What the imports of a module bind, outside of its functions and classes.

    bound: by name, in the module's order. postponed: whether annotations are.
    """

    bound: dict[str, list[Import]] = field(default_factory=dict)
    postponed: bool = False

    def add(self, module: str | None, alias: ast.alias) -> None:
        """Take what one import binds; of several that bind a name (try … except …) the first.

        `import a.b` and `import a.c` both bind a, and both count.
        """
        whole = module is None and alias.asname is None
        text = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
        known = self.bound.setdefault((alias.asname or alias.name).partition(".")[0], [])
        if not known or (whole and known[0][0] is None and (None, text) not in known):
            known.append((module, text))

    def needed(self, names: frozenset[str], annotated: bool) -> list[str]:
        """The imports that bind these names: `import` lines, then a line for each other module."""
        found = [each for name, known in self.bound.items() if name in names for each in known]
        by_module: dict[str, list[str]] = {}
        for module, text in found:
            if module is not None:
                by_module.setdefault(module, []).append(text)
        first = [POSTPONED] if self.postponed and annotated else []
        plain = [f"import {text}" for module, text in found if module is None]
        return first + plain + [f"from {m} import {', '.join(t)}" for m, t in by_module.items()]


def imports(tree: ast.Module) -> Imports:
    """The imports of a module."""
    found = Imports()
    for node in _statements(tree):
        module = None
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
        for alias in node.names:
            if module != "__future__":
                found.add(module, alias)
            elif alias.name == "annotations":
                found.postponed = True
    return found


def _statements(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements outside of functions and classes, in the module's order."""
    pending = [*reversed(tree.body)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, (*DEFINITIONS, ast.ClassDef)):
            for name in reversed(BLOCKS.get(type(node), ())):
                pending += reversed(getattr(node, name))
