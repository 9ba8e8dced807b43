"""`humaneval_prompt`: a function's prompt as HumanEval writes it.

Dedented, after the imports it needs, up to the end of its docstring. Where it can be proved that
nothing but indentation changes, lines are cut; where it cannot, libcst rewrites the function.
"""

import re

# Lines that are cut are then no part of a string, and no line is joined to the one before.
UNPROVED = re.compile(r'\\|"""|\'\'\'')
BREAK = re.compile(r"\r\n|\r")
BLANKS = " \t\f"
TAB = 8  # columns


def is_provable(header: str) -> bool:
    """Whether each line of what stands before a docstring begins outside of strings and joins."""
    return UNPROVED.search(header) is None


def dedented(header: str, indent: str) -> str:
    """A provable header, whose first line is cut already, without the indent of its function."""
    if not indent:
        return header
    first, *lines = header.split("\n")
    # What is less indented stands in brackets or is a comment: it may stand anywhere.
    cut = [
        line.removeprefix(indent) if line.startswith(indent) else line.lstrip(BLANKS)
        for line in lines
    ]
    return "\n".join([first, *cut])


def dedented_docstring(literal: str, indent: str) -> str:
    """The same docstring without the indent of its function in its lines; as it is if in doubt.

    In doubt is one with lines that are less indented or joined, or with tabs whose column would
    change, by which inspect.cleandoc expands them.
    """
    if not indent or "\n" not in literal or "\\\n" in literal:
        return literal
    if "\t" in literal and len(indent.expandtabs()) % TAB:
        return literal
    first, *lines = literal.split("\n")
    if not all(line.startswith(indent) or not line.strip(BLANKS) for line in lines):
        return literal
    return "\n".join([first, *(line[len(indent) :] for line in lines)])


def unix_lines(text: str) -> str:
    """Text with every line break as Python reads it."""
    return BREAK.sub("\n", text) if "\r" in text else text


def humaneval_prompt(imports: list[str], function: str) -> str:
    """A function up to its docstring's end, after the imports it needs."""
    head = "\n".join(imports) + "\n\n\n" if imports else ""
    return f"{head}{function}\n"
