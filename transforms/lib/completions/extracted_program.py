"""The program in what a model said: from a chat's answer or a completion to the text that is run.

What was found where is kept as evidence, one or more of these words, joined by commas:

- `completion`, `whole program`: the sample as it came, a completion after its prompt;
- `after </think>`: reasoning stood before it;
- `fenced block`: the last block that defines the entry point, or the last that is its body;
- `indented block`: the same of indented lines below prose;
- `whole text`: the text is a program;
- `repeated prompt`: the completion defines the function anew, rather than its body;
- `body`: a body alone, put below the prompt;
- `lines that parse`: prose or a broken end was left out;
- `class wrapper`: the function stood in a class, or the method outside;
- `unwrapped`: the text wrapped it: JSON, HTML, a diff, line numbers, a transcript;
- `nothing`: no definition of the entry point, so that the sample fails.

A draft is never taken: neither what is in the reasoning, nor a block that a later one replaces.
"""

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.lib.completions.borrowed_names import with_borrowed
from transforms.lib.completions.entry_definitions import CLASS_WRAPPER, entry_definition
from transforms.lib.completions.fenced_blocks import fenced_blocks
from transforms.lib.completions.given_sample import Form
from transforms.lib.completions.kept_statements import first_line, without_usage
from transforms.lib.completions.parsable_lines import BOUNDS, Code, code_in, lines_of
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.turns import AFTER_REASONING, after_reasoning, own_turn
from transforms.lib.completions.unwrapped_text import unwrapped

NOTHING, PARSED_LINES, UNWRAPPED = "nothing", "lines that parse", "unwrapped"
LONGEST_ANSWER = 500_000  # characters that are searched: what repeats itself does so for megabytes
MOST_BLOCKS = 40  # the last ones, that are looked at


@dataclass(frozen=True)
class ExtractedProgram:
    """The text to run, and the words that say where it was found."""

    program: str
    extracted_from: str


def as_it_came(text: str, form: Form, task: RunnableTask) -> ExtractedProgram:
    """A sample unchanged: a completion below its prompt, where the prompt is code."""
    if form == "program":
        return ExtractedProgram(text, "whole program")
    return ExtractedProgram(task.program(text), "completion")


def extract_program(text: str, form: Form, task: RunnableTask) -> ExtractedProgram:
    r"""The program in a sample.

    >>> task = RunnableTask("def f(x):\n", "f", "")
    >>> extract_program("<think>`def f`?</think>```\ndef f(x): return x\n```", "answer", task)
    ExtractedProgram(program='def f(x): return x\n', extracted_from='after </think>, fenced block')
    """
    text, reasoned = after_reasoning(own_turn(text))
    text = text[:LONGEST_ANSWER]
    attempts = _attempts(text, form, task) if task.entry_point else _scripts(text)
    found = next(filter(None, attempts), _FoundProgram("", (NOTHING,)))
    words = (AFTER_REASONING, *found.words) if reasoned else found.words
    return ExtractedProgram(found.program, ", ".join(words))


@dataclass(frozen=True)
class _FoundProgram:
    program: str
    words: tuple[str, ...]


def _scripts(text: str) -> Iterator[_FoundProgram | None]:
    """The program of a task that names no entry point: one that is run, with all that it does."""
    for block in reversed(fenced_blocks(text)):
        code = code_in(block.text) if block.is_python else None
        if code and code.whole and not _is_data(code):
            yield _FoundProgram(code.text, ("fenced block",))
    code = code_in(text)
    if code.whole and not _is_data(code):
        yield _FoundProgram(code.text, ("whole text",))
    elif not _is_data(code):
        yield _FoundProgram(code.text, ("whole text", PARSED_LINES))


def _is_data(code: Code) -> bool:
    """Whether some code only names values, as the example of an input does."""
    return not any(
        isinstance(node, ast.Call | ast.Import | ast.ImportFrom) for node in ast.walk(code.tree)
    )


def _attempts(
    text: str, form: Form, task: RunnableTask, *, inside: bool = False
) -> Iterator[_FoundProgram | None]:
    """The program, found in one way after the other: the first that is not None counts.

    inside: whether the text was in another, so that nothing more is looked for in it.
    """
    continues = form == "completion" and _goes_on(text, task)
    if continues:
        yield _body(text, "completion", task)
    fenced = [block.text for block in fenced_blocks(text) if block.is_python][-MOST_BLOCKS:]
    yield from _in_blocks(fenced, "fenced block", task)
    yield from (_body(block, "fenced block, body", task) for block in reversed(fenced))
    yield _whole(text, form, task)
    indented = _indented_blocks(text)[-MOST_BLOCKS:]
    yield from _in_blocks(indented, "indented block", task)
    if not continues:
        yield _body(text, "completion" if form == "completion" else "body", task)
    yield from (_body(block, "indented block, body", task) for block in reversed(indented))
    if not inside:
        for plain in unwrapped(text):
            yield from map(_as_unwrapped, _attempts(plain, "answer", task, inside=True))


def _as_unwrapped(found: _FoundProgram | None) -> _FoundProgram | None:
    return found and _FoundProgram(found.program, (UNWRAPPED, *found.words))


def _goes_on(completion: str, task: RunnableTask) -> bool:
    """Whether a completion begins with indented code, or ends the line that its prompt begins."""
    return completion.lstrip("\n")[:1].isspace() or task.prompt[-1:] in (" ", "\t")


def _in_blocks(blocks: list[str], word: str, task: RunnableTask) -> Iterator[_FoundProgram | None]:
    """What each block defines, the last one first; it may use what other blocks define."""
    codes = [code_in(text) for text in blocks]
    for number in reversed(range(len(codes))):
        yield _defined(codes[number], word, task, codes[number + 1 :], codes[:number])


def _whole(text: str, form: Form, task: RunnableTask) -> _FoundProgram | None:
    code = code_in(text)
    word = "repeated prompt" if form == "completion" else "whole text"
    return _defined(code, word, task, first=form == "completion")


def _defined(
    code: Code,
    word: str,
    task: RunnableTask,
    after: Sequence[Code] = (),
    before: Sequence[Code] = (),
    first: bool = False,
) -> _FoundProgram | None:
    """The program that some code is, with what it needs of code before it, the prompt, or after."""
    body = code.tree.body
    definition = entry_definition(body, task, first=first)
    if definition is None:
        return None
    if first:
        body = body[: _next_definition(body, definition.number, task)]
    name = task.entry_point.partition(".")[0]
    text = without_usage(_until(code, body), body, definition.number, name)
    prompt = code_in(task.prelude)
    tree = ast.Module(body, [])
    program = (
        with_borrowed(text, tree, [*after, prompt, *before], task.entry_point) + definition.suffix
    )
    words = [word]
    if not code.whole:
        words.append(PARSED_LINES)
    if definition.suffix:
        words.append(CLASS_WRAPPER)
    return _FoundProgram(program, tuple(words))


def _next_definition(body: list[ast.stmt], number: int, task: RunnableTask) -> int | None:
    """Where the entry point is defined once more: a model that goes on begins another answer."""
    later = entry_definition(body[number + 1 :], task, first=True)
    return number + 1 + later.number if later else None


def _until(code: Code, body: list[ast.stmt]) -> str:
    """The text of the first statements of some code."""
    if len(body) == len(code.tree.body):
        return code.text
    lines = lines_of(code.text)
    return "".join(lines[: body[-1].end_lineno])


def _body(text: str, word: str, task: RunnableTask) -> _FoundProgram | None:
    """The program that a body makes of the prompt."""
    if not task.begins_program or not text.strip() or len(text) > BOUNDS.characters:
        return None
    codes = [code_in(task.prompt + below) for below in _below(text, task)]
    for code in sorted(codes, key=lambda code: not code.whole):
        definition = entry_definition(code.tree.body, task, first=True)
        if definition and _continues(code.tree.body[definition.number], task):
            return _defined(code, word, task, first=True)
    return None


def _below(text: str, task: RunnableTask) -> Iterator[str]:
    """A body as it may have to be indented: as it is, all of it, or the first line that lost it."""
    gap = "" if task.prompt.endswith("\n") or text.startswith("\n") else "\n"
    indentation = _indentation(task.prompt)
    first, _, rest = text.lstrip("\n").partition("\n")
    if text.lstrip("\n")[:1].isspace() or task.prompt.rstrip("\n")[-1:].isspace():
        yield gap + text
    yield gap + textwrap.indent(textwrap.dedent(text), indentation)
    if not first[:1].isspace():
        yield f"{gap}{indentation}{first}\n{rest}"


def _indentation(prompt: str) -> str:
    """That of the last line of the prompt, one step more if this is a header."""
    lines = [line for line in prompt.split("\n") if line.strip()]
    last = lines[-1] if lines else ""
    own = last[: len(last) - len(last.lstrip())]
    return f"{own}    " if last.rstrip().endswith(":") else own


def _continues(statement: ast.stmt, task: RunnableTask) -> bool:
    """Whether a definition began in the prompt, and now gives an answer or uses its arguments."""
    if first_line(statement) > task.prompt.count("\n") + 1:
        return False
    nodes = list(ast.walk(statement))
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    return any(
        isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Raise)
        or (isinstance(node, ast.Name) and node.id in arguments)
        for node in nodes
    )


def _indented_blocks(text: str) -> list[str]:
    """The runs of indented lines of a text, without their common indentation."""
    runs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() and not line[:1].isspace():
            runs.append([])
        else:
            runs[-1].append(line)
    blocks = ["\n".join(run) for run in runs if any(map(str.strip, run))]
    return [textwrap.dedent(block) for block in blocks]
