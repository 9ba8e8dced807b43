"""Layouts of corpora that others publish as Parquet. A new one is one file and one line here."""

import pyarrow as pa

from transforms.lib.skeleton.layouts.codeparrot import CODEPARROT
from transforms.lib.skeleton.layouts.layout import NEEDED, Fitted, Layout, fitted
from transforms.lib.skeleton.layouts.python_files import only_python
from transforms.lib.skeleton.layouts.stack_v1 import STACK_V1
from transforms.lib.skeleton.layouts.stack_v2 import STACK_V2, STACK_V2_REPOSITORIES
from transforms.lib.skeleton.layouts.stack_v3 import STACK_V3

# The first that fits is taken.
LAYOUTS: tuple[Layout, ...] = (STACK_V1, STACK_V2, STACK_V2_REPOSITORIES, STACK_V3, CODEPARROT)


def layout_of(file: str, schema: pa.Schema) -> Fitted | None:
    """The published layout that a file has; None for quire's own, and for one that nobody knows.

    Raises UsageError that names the file if it is known and cannot be read.
    """
    names = set(schema.names)
    if names.issuperset(NEEDED):
        return None
    for layout in LAYOUTS:
        if names.issuperset(layout.marks):
            return fitted(file, schema, layout)
    return None


__all__ = ["LAYOUTS", "Fitted", "Layout", "layout_of", "only_python"]
