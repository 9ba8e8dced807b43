"""The operators of mutation: each yields the changes of one node that it knows."""

from transforms.strengthen.inside.operators import (
    arithmetic,
    called_functions,
    conditions,
    constants,
    jumps,
    off_by_one,
    relations,
    statements,
)

OPERATORS = (
    relations,
    constants,
    conditions,
    arithmetic,
    statements,
    jumps,
    called_functions,
    off_by_one,
)
