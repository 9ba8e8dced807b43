"""The lexical signals by Python's own tokenizer and parser, line by line."""

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator

BLANKS = " \t\f"
DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BETWEEN = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING)


def plain_counts(text: str) -> dict[str, int]:
    """What `lexical_counts` says of a program, by name."""
    code, statements = _tokens(text)
    docstrings = set(_docstring_lines(text))
    kinds: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip(BLANKS):
            continue
        in_docstring = number in docstrings
        kind = "docstring" if in_docstring else "code" if number in code else "comment"
        kinds[f"{kind}_lines"] += 1
        if kind == "code":
            lines[line.lstrip(BLANKS)] += 1
    repeated = [n for line, n in lines.items() if n > 1 and len(line.encode()) > 1 and line != "},"]
    parameters = [each for node in ast.walk(ast.parse(text)) for each in _parameters(node)]
    return {
        "functions": statements["def"],
        "imports": statements["import"] + statements["from"],
        "prints": statements["print"],
        "passes": statements["end: pass"],
        "parameters": len(parameters),
        "annotated": sum(each.annotation is not None for each in parameters),
        "code_lines": kinds["code_lines"],
        "docstring_lines": kinds["docstring_lines"],
        "comment_lines": kinds["comment_lines"],
        "duplicate_lines": sum(repeated),
    }


def _tokens(text: str) -> tuple[set[int], Counter[str]]:
    """The lines of tokens that are no comments, and the words that statements begin and end with."""
    lines: set[int] = set()
    words: Counter[str] = Counter()
    depth, starts, previous = 0, True, ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (*BETWEEN, tokenize.COMMENT):
            continue
        if token.type == tokenize.NEWLINE or (token.string == ";" and depth == 0):
            words[f"end: {previous}"] += 1
            starts = True
        elif starts:
            words[token.string] += 1
            starts = token.string == "async"
        if token.type != tokenize.NEWLINE:
            lines.update(range(token.start[0], token.end[0] + 1))
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        previous = token.string
    return lines, words


def _docstring_lines(text: str) -> Iterator[int]:
    """Yields the lines of docstrings that begin their line, but for lines with code beside them."""
    lines = text.encode().split(b"\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            string = node.body[0]
            if not lines[string.lineno - 1][: string.col_offset].strip():
                yield from range(string.lineno, string.end_lineno + 1)


def _parameters(node: ast.AST) -> list[ast.arg]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    every = node.args
    named = [*every.posonlyargs, *every.args, every.vararg, *every.kwonlyargs, every.kwarg]
    found = [each for each in named if each is not None]
    return found[found[:1] != [] and found[0].arg in ("self", "cls") :]
