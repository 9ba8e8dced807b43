"""The operators of mutation: each yields the changes of one node that it knows."""

from transforms.strengthen.inside.operators import (
    arithmetic,
    calls,
    conditions,
    constants,
    jumps,
    places,
    relations,
    statements,
)

OPERATORS = (relations, constants, conditions, arithmetic, statements, jumps, calls, places)
