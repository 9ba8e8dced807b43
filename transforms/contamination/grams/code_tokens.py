r"""Normalised tokens of Python code, compiled: tests (channel T) and code (C) are compared by them.

What a formatter or `ast.unparse` may change without changing the program does not count:

- line breaks, `;`, commas before a closing bracket, and colons outside of brackets are dropped;
  `elif` is the same as `else if`;
- round brackets that only group are dropped, that is those that do not follow a name, a closing
  bracket or a string (in the outer 64 levels of brackets);
- a string at the beginning of a statement (such as a docstring) is dropped; of other strings the
  prefix, the quotes, `\r` and the backslash before a quote do not count; numbers have no case.

`def` and `class` at the beginning of a line end all brackets, so that a bracket which is never
closed spoils the tokens of its own function only.
"""

import numpy as np

from transforms.contamination.grams.raw_tokens import BUILTIN, NAME, name_value, raw_tokens
from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import CLOSE, COMMA, DOT, OPEN, OPERATOR, SEMICOLON, STRING

# Kinds of normalised tokens: a name that n-grams make anonymous, a string, and all else.
IDENTIFIER, TEXT, FIXED = range(3)

DEF, CLASS, ELIF = (np.uint64(name_value(name)) for name in ("def", "class", "elif"))
ELSE, IF = np.uint64(name_value("else")), np.uint64(name_value("if"))
ROUND_BRACKET, COLON = b"(:"
BRACKET_LEVELS = 64  # deeper round brackets all count; nobody groups so deep
CALLABLE_KINDS = (NAME, BUILTIN, STRING, CLOSE)  # a round bracket after them is no mere group
LONGEST_GRAM = 10  # tokens


@inlined_kernel
def _keep(tokens, kept, i, kind):  # type: ignore[no-untyped-def]
    """Make token i token `kept`, and note of an identifier how many tokens ago it stood last."""
    value = tokens.value[i]
    tokens.value[kept], tokens.kind[kept] = value, kind
    tokens.start[kept], tokens.stop[kept] = tokens.start[i], tokens.stop[i]
    tokens.back[kept] = 0
    if kind == IDENTIFIER:
        for back in range(1, min(LONGEST_GRAM, kept + 1)):
            if tokens.value[kept - back] == value and tokens.kind[kept - back] == IDENTIFIER:
                tokens.back[kept] = back
                break
    return kept + 1


@kernel
def code_tokens(data, begin, end, tokens):  # type: ignore[no-untyped-def]
    """Put the normalised tokens of data[begin:end] into `tokens`; returns how many.

    data: uint8; tokens: `raw_tokens.Tokens` with room for all raw tokens of the text.
    """
    is_group = np.zeros(BRACKET_LEVELS, np.bool_)  # of the open brackets, by their level
    kept, depth, comma = 0, 0, -1
    fresh, called, dotted = True, False, False  # at a statement's beginning; after a name; after .
    for i in range(raw_tokens(data, begin, end, tokens)):
        value, kind, first = tokens.value[i], tokens.kind[i], tokens.start[i]
        sign = data[first] if kind == OPERATOR and tokens.stop[i] == first + 1 else 0
        if tokens.broken[i]:
            depth = 0 if value in (DEF, CLASS) else depth
            fresh |= depth == 0
        if comma >= 0 and kind != CLOSE:
            kept = _keep(tokens, kept, comma, FIXED)
        comma = i if kind == COMMA else -1
        dropped = comma == i or (kind == STRING and fresh) or kind == SEMICOLON
        fresh = kind == SEMICOLON
        if kind == OPEN:
            dropped = data[first] == ROUND_BRACKET and not called and depth < BRACKET_LEVELS
            if depth < BRACKET_LEVELS:
                is_group[depth] = dropped
            depth += 1
        elif kind == CLOSE and depth:
            depth -= 1
            dropped = depth < BRACKET_LEVELS and is_group[depth]
        elif sign == COLON and not depth:
            dropped = fresh = True
        if not dropped:
            if value == IF and kept and tokens.value[kept - 1] == ELSE:
                tokens.value[kept - 1] = ELIF
            else:
                name = kind == NAME and not dotted
                shape = IDENTIFIER if name else TEXT if kind == STRING else FIXED
                kept = _keep(tokens, kept, i, shape)
        called = kind in CALLABLE_KINDS
        dotted = sign == DOT
    return kept
