"""What carries code in texts that are no Python, or inside of Python: for the self-test."""

import html
import json
import textwrap
from collections.abc import Callable
from urllib.parse import quote

Carrier = Callable[[str], str]


def in_json(code: str) -> str:
    """A record of JSON Lines."""
    return json.dumps({"task": 7, "completion": code})


def in_json_twice(code: str) -> str:
    """A record that holds another one as a string."""
    return json.dumps({"response": in_json(code)})


def in_notebook(code: str) -> str:
    """A cell of a notebook: a list of lines."""
    source = [line + "\n" for line in code.split("\n")]
    return json.dumps({"cells": [{"cell_type": "code", "source": source}]}, indent=1)


def in_literal(code: str) -> str:
    """A string literal in triple quotes."""
    escaped = code.replace("\\", "\\\\").replace('"', '\\"')
    return f'SOLUTION = """{escaped}"""'


def in_docstring(code: str) -> str:
    """An example in a docstring."""
    escaped = code.replace('"""', "'''")
    return f'def example():\n    """Such as::\n\n{textwrap.indent(escaped, " " * 8)}\n    """'


def in_diff(code: str) -> str:
    """A patch that adds the code to a file."""
    return "--- /dev/null\n+++ b/solution.py\n@@ -0,0 +1,9 @@\n" + before_lines("+")(code)


def in_prompts(code: str) -> str:
    """A session of the interpreter."""
    lines = code.split("\n")
    return "\n".join(f"{'...' if line[:1] in ('', ' ') else '>>>'} {line}" for line in lines)


def numbered(code: str) -> str:
    """A listing with line numbers."""
    return "\n".join(f"{number:4} | {line}" for number, line in enumerate(code.split("\n"), 1))


def in_table(code: str) -> str:
    """A column of a table in Markdown."""
    return "\n".join(f"| {line} |" for line in code.split("\n"))


def in_html(code: str) -> str:
    """A page, with `<br>` at the end of each line."""
    return f"<pre>{html.escape(code)}</pre>".replace("\n", "<br>\n")


def with_other_spaces(code: str) -> str:
    """Indented with no-break spaces, with an invisible space after brackets."""
    return code.replace("  ", "\u00a0 ").replace("(", "(\u200b")


def in_url(code: str) -> str:
    """A parameter of a link."""
    return f"https://example.org/run?code={quote(code)}"


def before_lines(prefix: str) -> Carrier:
    """A carrier that puts a prefix before each line."""
    return lambda code: "\n".join(prefix + line for line in code.split("\n"))


CARRIERS: tuple[tuple[str, Carrier], ...] = (
    ("in JSON", in_json),
    ("in JSON in JSON", in_json_twice),
    ("in a notebook", in_notebook),
    ("in a string literal", in_literal),
    ("in a docstring", in_docstring),
    ("in a diff", in_diff),
    ("quoted as in mail", before_lines("> ")),
    ("as a comment", before_lines("# ")),
    ("in a session", in_prompts),
    ("with line numbers", numbered),
    ("in a table", in_table),
    ("in HTML", in_html),
    ("with other spaces", with_other_spaces),
    ("in a URL", in_url),
)
