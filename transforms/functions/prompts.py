"""`humaneval_prompt`: a function's prompt as HumanEval writes it.

It is dedented, begins with the imports that the function needs, and ends with its docstring. Where
it can be proved that nothing but indentation changes, lines are cut; else libcst rewrites it.
"""

import re

# Without these no line begins inside a string, or is joined to the one before it.
UNPROVED = re.compile(r'\\|"""|\'\'\'')
LINE_BREAK = re.compile(r"\r\n|\r")
INDENT_CHARACTERS = " \t\f"
TAB_COLUMNS = 8


def is_provable(header: str) -> bool:
    """Whether it is certain that each line of a header begins a new token.

    The header is what comes before the docstring.
    """
    return UNPROVED.search(header) is None


def dedented(header: str, indent: str) -> str:
    r"""A provable header without the indent of its function; its first line has none already.

    >>> dedented("def f(\n        a):\n        ", indent="    ")
    'def f(\n    a):\n    '
    """
    if not indent:
        return header
    first, *lines = header.split("\n")
    # A line that is indented less is in brackets or a comment, and may begin in any column.
    cut = [
        line.removeprefix(indent) if line.startswith(indent) else line.lstrip(INDENT_CHARACTERS)
        for line in lines
    ]
    return "\n".join([first, *cut])


def dedented_docstring(literal: str, indent: str) -> str:
    """The literal without the indent of its function in its lines, if it then says the same.

    It is returned unchanged where that is in doubt: lines are indented less or joined, or have tabs
    that would move to another column, by which inspect.cleandoc expands them.
    """
    if not indent or "\n" not in literal or "\\\n" in literal:
        return literal
    if "\t" in literal and len(indent.expandtabs()) % TAB_COLUMNS:
        return literal
    first, *lines = literal.split("\n")
    if not all(line.startswith(indent) or not line.strip(INDENT_CHARACTERS) for line in lines):
        return literal
    return "\n".join([first, *(line[len(indent) :] for line in lines)])


def unix_lines(text: str) -> str:
    r"""The text with `\n` for every line break of Python."""
    return LINE_BREAK.sub("\n", text) if "\r" in text else text


def humaneval_prompt(import_lines: list[str], function: str) -> str:
    """The prompt that begins with `import_lines`, from a function up to its docstring's end."""
    head = "\n".join(import_lines) + "\n\n\n" if import_lines else ""
    return f"{head}{function}\n"
