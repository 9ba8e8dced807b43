"""Dedents a prompt with libcst, for signatures whose lines must not simply be cut."""

import libcst as cst


def rewritten(prompt: str, indent: str, docstring: str) -> str | None:
    r"""The prompt of one function without its indent, with `docstring` alone as its body.

    None if the prompt is not in libcst's grammar.

    >>> print(rewritten('def f(a=1 + \\\n  2): "Do."', "    ", '"Do."'))
    def f(a=1 + \
      2):
        "Do."
    """
    try:
        module = cst.parse_module(f"if 1:\n{indent}{prompt}\n" if indent else f"{prompt}\n")
    except cst.ParserSyntaxError:
        return None
    statements = cst.ensure_type(module.body[0], cst.If).body.body if indent else module.body
    function = cst.ensure_type(statements[0], cst.FunctionDef)
    lines = [cst.SimpleStatementLine([cst.Expr(cst.SimpleString(docstring))])]
    block = function.body if isinstance(function.body, cst.IndentedBlock) else cst.IndentedBlock(())
    body = block.with_changes(body=lines, footer=())
    function = function.with_changes(body=body, leading_lines=())
    return module.code_for_node(function).rstrip("\n")
