"""Imports that a program leaves to its judge: sites provide some names without an import."""

import ast
import builtins
import re
import sys
from collections.abc import Iterable

from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected

# What code on contest sites uses without importing it. Where modules share a name (typing and
# collections have a Counter), the first module that lists it is meant.
PROVIDED = {
    "typing": "Any Callable Deque Dict FrozenSet Generator Iterable Iterator List Mapping "
    "NamedTuple Optional Sequence Set Tuple Type TypeVar Union cast",
    "collections": "ChainMap Counter OrderedDict UserDict defaultdict deque namedtuple",
    "itertools": "accumulate chain combinations combinations_with_replacement compress count "
    "cycle dropwhile groupby islice pairwise permutations product repeat starmap takewhile tee "
    "zip_longest",
    "heapq": "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
    "bisect": "bisect bisect_left bisect_right insort insort_left insort_right",
    "functools": "cache cached_property cmp_to_key lru_cache partial reduce total_ordering wraps",
    "math": "acos asin atan atan2 ceil comb cos degrees dist e exp factorial fabs floor fmod gcd "
    "hypot inf isclose isqrt lcm log log10 log2 nan perm pi prod radians sin sqrt tan trunc",
    "operator": "add and_ attrgetter eq ge gt itemgetter le lt mul ne neg not_ or_ sub truediv xor",
    "string": "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits punctuation",
    "copy": "deepcopy",
    "random": "choice choices randint random randrange sample shuffle uniform",
    "fractions": "Fraction",
    "decimal": "Decimal",
    "dataclasses": "dataclass field",
    "threading": "Barrier Condition Event Lock Semaphore Thread",
    "sortedcontainers": "SortedDict SortedKeyList SortedList SortedSet",
}
MODULE_OF = {name: module for module, names in reversed(PROVIDED.items()) for name in names.split()}
MODULES = (
    "array",
    "bisect",
    "collections",
    "copy",
    "datetime",
    "decimal",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "os",
    "queue",
    "random",
    "re",
    "statistics",
    "string",
    "sys",
    "threading",
    "time",
    "typing",
)
ALIASES = {"np": "import numpy as np", "pd": "import pandas as pd"}
# Distributions beyond the standard library that judges have, and so may a sandbox.
JUDGES_HAVE = ("numpy", "sortedcontainers")
ALWAYS_DEFINED = frozenset({*dir(builtins), "__name__", "__doc__"})


def undefined_names(module: Module) -> frozenset[str]:
    """The names that a module uses and neither defines nor imports, and that are no builtins.

    Raises Rejected if the module is no Python 3.
    """
    return module.free_names - ALWAYS_DEFINED


def imports_for(names: Iterable[str], text: str) -> tuple[list[str], set[str]]:
    """Import statements that provide `names`, and the names that no contest site provides.

    `text` is the program that uses them: whether `math` is the module is seen by a `math.` in it.

    >>> imports_for({"heappush", "List", "sqrt", "solve"}, "heappush(...)")
    (['from heapq import heappush', 'from math import sqrt', 'from typing import List'], {'solve'})
    """
    from_module: dict[str, list[str]] = {}
    plain, unknown = list[str](), set[str]()
    for name in sorted(names):
        if name in MODULES and (name not in MODULE_OF or re.search(rf"\b{name}\.", text)):
            plain.append(f"import {name}")
        elif name in MODULE_OF:
            from_module.setdefault(MODULE_OF[name], []).append(name)
        elif name in ALIASES:
            plain.append(ALIASES[name])
        else:
            unknown.add(name)
    froms = [f"from {module} import {', '.join(some)}" for module, some in from_module.items()]
    return plain + sorted(froms), unknown


def required_distributions(tree: ast.Module) -> list[str]:
    """The distributions beyond the standard library that a module imports, sorted.

    Raises Rejected (`third_party`) if it imports one that judges do not have.
    """
    imported = {name for node in ast.walk(tree) for name in _imported(node)}
    outside = sorted(imported - sys.stdlib_module_names)
    if unknown := [name for name in outside if name not in JUDGES_HAVE]:
        raise Rejected("third_party", ", ".join(unknown)[:200])
    return outside


def _imported(node: ast.AST) -> list[str]:
    """The top-level modules that a statement imports; a relative import keeps its dots."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return ["." * node.level + module] if node.level else [module.partition(".")[0]]
    return []
