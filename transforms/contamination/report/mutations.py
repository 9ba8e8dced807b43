"""Ways in which tasks leak, as they were seen in real repositories: for the self-test.

A mutation takes a task and returns a text that leaks it, or None if the task lacks what the
mutation needs. `seeded` puts the text into a host file, and gives all of it one kind of line end.
"""

import ast
import random
import re
import textwrap
from collections.abc import Callable

from transforms.contamination.grams.canonical_trees import bound_names
from transforms.contamination.report.carriers import CARRIERS, Carrier
from transforms.lib.eval_sets import EvalTask
from transforms.lib.eval_sets.eval_task import documentation
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function, bare_string, unparsed, walk

Mutation = Callable[[EvalTask, random.Random], str | None]
COMMENT_CHARACTERS = 60  # of a line
NEW_NAME_STEMS = ("foo", "bar", "val", "tmp", "row", "acc", "arg", "item")
# The empty lines before a statement at the top level of a file.
BEFORE_STATEMENT = re.compile(r"(?<=\n)\n+(?=(?:def|class|import|from|@|[A-Z_a-z]+ =))")


def verbatim(task: EvalTask, _: random.Random) -> str | None:
    """The documentation and the first solution, as the set has them."""
    if not task.solutions:
        return None
    program = task.solutions[0]
    documented = not task.doc or documentation(program, task.entry_point) == task.doc
    return program if documented else f"{_quoted(task.doc)}\n{program}"


def tabs(task: EvalTask, rng: random.Random) -> str | None:
    """The same, indented with tabs."""
    text = verbatim(task, rng)
    return text and re.sub(r"^(?: {4})+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.M)


def in_class(task: EvalTask, rng: random.Random) -> str | None:
    """The same, as the method of a class."""
    text = verbatim(task, rng)
    return text and f"class Solution:\n{textwrap.indent(text, '    ')}"


def renamed(task: EvalTask, rng: random.Random) -> str | None:
    """The documentation, and the program with other names for all that it defines."""
    program = _renamed(task, rng)
    return program and f"{_quoted(task.doc)}\n{program}"


def body_only(task: EvalTask, _: random.Random) -> str | None:
    """The program without documentation, as `ast.unparse` writes it."""
    tree = _bare(task)
    return unparsed(tree) if tree else None


def reformatted(task: EvalTask, rng: random.Random) -> str | None:
    """The program without documentation, with comments, and long statements broken at commas."""
    program = body_only(task, rng)
    if program is None:
        return None
    lines = [_broken(line) for line in program.split("\n")]
    text = "\n".join(_commented(line, rng) for line in lines)
    return text if parse_or_none(text) else program


def renamed_without_doc(task: EvalTask, rng: random.Random) -> str | None:
    """The program without documentation, with other names for all that it defines."""
    return _renamed(task, rng)


def doc_only(task: EvalTask, _: random.Random) -> str | None:
    """The documentation as the docstring of a function whose body is missing."""
    if not task.doc:
        return None
    return f"def helper(*args):\n    {_quoted(task.doc)}\n    raise NotImplementedError"


def doc_as_comment(task: EvalTask, _: random.Random) -> str | None:
    """The documentation as a comment of several lines."""
    lines = textwrap.wrap(" ".join(task.doc.split()), COMMENT_CHARACTERS)
    return "\n".join(f"# {line}" for line in lines) or None


def tests_only(task: EvalTask, _: random.Random) -> str | None:
    """The tests of the task, without anything else."""
    return task.tests or None


def half_body(task: EvalTask, rng: random.Random) -> str | None:
    """The first half of the lines of the program without documentation."""
    program = body_only(task, rng)
    lines = program.split("\n") if program else []
    return "\n".join([*lines[: max(2, len(lines) // 2)], "    pass"]) if len(lines) > 2 else None


def carried(carrier: Carrier) -> Mutation:
    """The mutation that puts the program, documentation left out, into a carrier."""

    def mutate(task: EvalTask, rng: random.Random) -> str | None:
        program = body_only(task, rng)
        return None if program is None else carrier(program)

    return mutate


# The name of each mutation in the report, the mutation, and the line ends of the file it is in.
MUTATIONS: tuple[tuple[str, Mutation, str], ...] = (
    ("verbatim", verbatim, "\n"),
    ("lines end with \\r\\n", verbatim, "\r\n"),
    ("lines end with \\r\\r\\n", verbatim, "\r\r\n"),
    ("tabs", tabs, "\n"),
    ("in a class", in_class, "\n"),
    ("renamed", renamed, "\n"),
    ("documentation only", doc_only, "\n"),
    ("documentation as a comment", doc_as_comment, "\n"),
    ("tests only", tests_only, "\n"),
    ("program only", body_only, "\n"),
    ("program, reformatted with comments", reformatted, "\n"),
    ("program, renamed", renamed_without_doc, "\n"),
    ("half of the program", half_body, "\n"),
    *((f"program {name}", carried(carrier), "\n") for name, carrier in CARRIERS),
)
CARRIED = frozenset(f"program {name}" for name, _ in CARRIERS)  # the mutations with a carrier


def seeded(host: str, leak: str, line_end: str, rng: random.Random) -> str:
    """The host with the leak between two statements at its top level, or else at its end."""
    gaps = [match.start() for match in BEFORE_STATEMENT.finditer(host)] or [len(host)]
    gap = rng.choice(gaps)
    text = f"{host[:gap]}\n\n{leak}\n\n{host[gap:]}"
    return re.sub(r"\r*\n", line_end, text)


def _quoted(doc: str) -> str:
    """The documentation as a string literal in triple quotes."""
    escaped = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}"""' if not escaped.endswith('"') else f'"""{escaped} """'


def _bare(task: EvalTask) -> ast.Module | None:
    """The tree of the first solution without docstrings; None if there is none or no Python."""
    tree = parse_or_none(task.solutions[0]) if task.solutions else None
    for node in walk(tree) if tree else ():
        if isinstance(node, Function | ast.ClassDef | ast.Module):
            kept = [child for child in node.body if bare_string(child) is None]
            node.body = kept or [ast.Pass()]
    return tree


def _renamed(task: EvalTask, rng: random.Random) -> str | None:
    """The first solution without docstrings, with new names for all but what it imports."""
    tree = _bare(task)
    if tree is None:
        return None
    imports = [n for n in walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    kept = {(a.asname or a.name).split(".")[0] for node in imports for a in node.names}
    names = sorted(bound_names(tree) - kept)
    new = {
        name: f"{rng.choice('abcdefgh')}{rng.choice(NEW_NAME_STEMS)}{i}"
        for i, name in enumerate(names)
    }
    for node in walk(tree):
        for field in ("id", "arg", "name"):
            old = getattr(node, field, None)
            if isinstance(old, str) and not isinstance(node, ast.keyword | ast.alias):
                setattr(node, field, new.get(old, old))
        if isinstance(node, ast.Global | ast.Nonlocal):
            node.names = [new.get(name, name) for name in node.names]
    return unparsed(tree)


def _broken(line: str) -> str:
    """A long statement broken at its commas; `reformatted` checks that it is Python."""
    indent = len(line) - len(line.lstrip())
    if len(line) < 50 or line.rstrip().endswith(":") or ", " not in line or "'" in line:
        return line
    return line.replace(", ", ",\n" + " " * (indent + 8))


def _commented(line: str, rng: random.Random) -> str:
    """A line with a comment before it."""
    indent = " " * (len(line) - len(line.lstrip()))
    return f"{indent}# step {rng.randrange(99)}\n{line}" if line.strip() else line
