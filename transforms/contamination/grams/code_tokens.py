"""Normalised tokens of code: what tests (T) and code (C) are compared by.

Layout does not count, and neither does what a formatter or `ast.unparse` may change without
changing the program:

- line breaks, `;`, commas before a closing bracket and colons outside of brackets are dropped;
  `elif` is `else if`;
- round brackets that only group are dropped: those that do not follow a name, a closing bracket
  or a string (in the outer 64 levels);
- a string at the beginning of a statement (a docstring) is dropped; of others the prefix, the
  quotes, `\r` and the backslash before a quote do not count; numbers have no case.

`def` and `class` at the beginning of a line end all brackets, so that one which is never closed
does no harm beyond its function.
"""

import numba
import numpy as np

from transforms.contamination.grams.lexer import (
    BUILTIN,
    DOT,
    NAME,
    OPERATOR,
    STRING,
    lex,
    name_value,
)

IDENTIFIER, TEXT, FIXED = range(3)  # kinds: a name to be made anonymous, a string, all else

DEF, CLASS, ELIF = (np.uint64(name_value(name)) for name in ("def", "class", "elif"))
ELSE, IF = np.uint64(name_value("else")), np.uint64(name_value("if"))
OPENING, CLOSING, COMMA, COLON, SEMICOLON = tuple(b"([{"), tuple(b")]}"), 44, 58, 59
ROUND, LEVELS = ord("("), 64
CALLED = (NAME, BUILTIN, STRING)
REACH = 10  # tokens; no n-gram is longer


@numba.njit(cache=True, nogil=True, inline="always")
def _put(tokens, kept, i, kind):  # type: ignore[no-untyped-def]
    """Token i becomes token `kept`; an identifier learns how far back it stood last."""
    value = tokens.value[i]
    tokens.value[kept], tokens.kind[kept] = value, kind
    tokens.start[kept], tokens.stop[kept] = tokens.start[i], tokens.stop[i]
    tokens.back[kept] = 0
    if kind == IDENTIFIER:
        for back in range(1, min(REACH, kept + 1)):
            if tokens.value[kept - back] == value and tokens.kind[kept - back] == IDENTIFIER:
                tokens.back[kept] = back
                break
    return kept + 1


@numba.njit(cache=True, nogil=True)
def code_tokens(data, begin, end, tokens):  # type: ignore[no-untyped-def]
    """The normalised tokens of data[begin:end] into `tokens`; returns how many."""
    groups = np.zeros(LEVELS, np.bool_)
    kept, depth, comma = 0, 0, -1
    fresh, called, dotted = True, False, False
    for i in range(lex(data, begin, end, tokens)):
        value, kind, first = tokens.value[i], tokens.kind[i], data[tokens.start[i]]
        mark = first if kind == OPERATOR and tokens.stop[i] == tokens.start[i] + 1 else 0
        if tokens.broken[i]:
            depth = 0 if value in (DEF, CLASS) else depth
            fresh |= depth == 0
        if comma >= 0 and mark not in CLOSING:
            kept = _put(tokens, kept, comma, FIXED)
        comma = i if mark == COMMA else -1
        dropped = comma == i or (kind == STRING and fresh) or mark == SEMICOLON
        fresh = mark == SEMICOLON
        if mark in OPENING:
            dropped = mark == ROUND and not called and depth < LEVELS
            if depth < LEVELS:
                groups[depth] = dropped
            depth += 1
        elif mark in CLOSING and depth:
            depth -= 1
            dropped = depth < LEVELS and groups[depth]
        elif mark == COLON and not depth:
            dropped = fresh = True
        if not dropped:
            if value == IF and kept and tokens.value[kept - 1] == ELSE:
                tokens.value[kept - 1] = ELIF
            else:
                name = kind == NAME and not dotted
                shape = IDENTIFIER if name else TEXT if kind == STRING else FIXED
                kept = _put(tokens, kept, i, shape)
        called = kind in CALLED or mark in CLOSING
        dotted = mark == DOT
    return kept
