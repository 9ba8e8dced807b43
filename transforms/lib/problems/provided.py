"""The imports that a piece of code leaves to its judge: names that contest sites provide."""

import ast
import builtins
import re
import symtable
import sys
from collections.abc import Iterable

from transforms.lib.python.literals import Unparsable

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
FOREIGN = ("numpy", "sortedcontainers")  # distributions that judges have, and so may a sandbox
ALWAYS = frozenset({*dir(builtins), "__name__", "__doc__"})


def undefined(text: str) -> set[str]:
    """Names that the module `text` uses and neither defines nor imports; builtins are defined."""
    return free(text) - ALWAYS


def free(text: str) -> set[str]:
    """Names that the module `text` uses and neither defines nor imports, builtins among them."""
    table = symtable.symtable(text, "solution", "exec")
    used, own, scopes = set[str](), set[str](), [table]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        bound = [symbol for symbol in scope.get_symbols() if symbol.is_assigned()]
        own |= {s.get_name() for s in bound if scope is table or s.is_declared_global()}
        symbols = [symbol for symbol in scope.get_symbols() if symbol.is_referenced()]
        # Python's symtable takes a function called "top" for the module: hence the second test.
        used |= {
            symbol.get_name()
            for symbol in symbols
            if scope is table or (symbol.is_global() and not symbol.is_local())
        }
    return used - own - {s.get_name() for s in table.get_symbols() if s.is_imported()}


def needed(names: Iterable[str], text: str) -> tuple[list[str], set[str]]:
    """Import statements that provide the `names` of a text, and the names that nobody provides."""
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
    froms = [f"from {module} import {', '.join(names)}" for module, names in from_module.items()]
    return plain + sorted(froms), unknown


def foreign(tree: ast.Module) -> list[str]:
    """Distributions beyond the standard library that a module imports; Unparsable if no judge
    has them."""
    found = {name for node in ast.walk(tree) for name in _imported(node)}
    outside = sorted(found - sys.stdlib_module_names)
    if unknown := [name for name in outside if name not in FOREIGN]:
        raise Unparsable("third_party", ", ".join(unknown)[:200])
    return outside


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return (
            ["." * node.level + (node.module or "")]
            if node.level
            else [(node.module or "").partition(".")[0]]
        )
    return []
