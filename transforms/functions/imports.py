"""The imports of a module, and the lines that import what one function needs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.functions.documented_functions import DEFINITIONS, STATEMENT_FIELDS

POSTPONED = "from __future__ import annotations"
# The module (None for `import x`), and what is imported, with its `as`.
Import = tuple[str | None, str]


@dataclass
class Imports:
    """The imports of a module outside of its functions and classes.

    bound: the imports that bind each name, in the module's order; postponed: whether the module
    postpones the evaluation of annotations; starred: whether one imports all names (`*`).
    """

    bound: dict[str, list[Import]] = field(default_factory=dict)
    postponed: bool = False
    starred: bool = False

    def add(self, module: str | None, alias: ast.alias) -> None:
        """Adds one import; of several that bind a name (try … except …) only the first counts.

        But `import a.b` and `import a.c` both bind a, and both are kept.
        """
        if alias.name == "*":
            self.starred = True
            return
        whole = module is None and alias.asname is None
        text = alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"
        bindings = self.bound.setdefault((alias.asname or alias.name).partition(".")[0], [])
        if not bindings or (whole and bindings[0][0] is None and (None, text) not in bindings):
            bindings.append((module, text))

    def absolute_names(self) -> frozenset[str]:
        """The names that imports bind which work in any package."""
        return frozenset(
            name
            for name, ((module, _), *_) in self.bound.items()
            if not (module or "").startswith(".")
        )

    def lines_for(self, names: frozenset[str], annotated: bool) -> tuple[list[str], list[str]]:
        r"""The lines that import `names`, and the modules that they import, each once.

        First come the lines `import …`, then one line for each other module.

        >>> collected = imports(ast.parse("import os, sys\nfrom a import b, c as d, e"))
        >>> collected.lines_for(frozenset({"os", "b", "d"}), annotated=False)
        (['import os', 'from a import b, c as d'], ['os', 'a'])
        """
        chosen = [
            (module, text)
            for name, bindings in self.bound.items()
            if name in names
            for module, text in bindings
        ]
        by_module: dict[str, list[str]] = {}
        for module, text in chosen:
            if module is not None:
                by_module.setdefault(module, []).append(text)
        first = [POSTPONED] if self.postponed and annotated else []
        plain = [text for module, text in chosen if module is None]
        lines = [f"import {text}" for text in plain]
        lines += [f"from {m} import {', '.join(t)}" for m, t in by_module.items()]
        modules = dict.fromkeys([*(text.partition(" ")[0] for text in plain), *by_module])
        return first + lines, [*modules]


def imports(tree: ast.Module) -> Imports:
    """The imports of a module."""
    collected = Imports()
    for node in _import_statements(tree):
        module = None
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
        for alias in node.names:
            if module != "__future__":
                collected.add(module, alias)
            elif alias.name == "annotations":
                collected.postponed = True
    return collected


def _import_statements(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yields the import statements outside of functions and classes, in the module's order."""
    pending = [*reversed(tree.body)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, (*DEFINITIONS, ast.ClassDef)):
            for name in reversed(STATEMENT_FIELDS.get(type(node), ())):
                pending += reversed(getattr(node, name))
