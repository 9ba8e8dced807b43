"""Where a completion ends: before its first stop sequence (Codex section 3.2)."""

import re
from collections.abc import Sequence

# The five of the paper: each begins a line that is no longer part of the function.
PAPER_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
# How a completion begins that repeats the prompt before it continues it.
BEGINS_ANEW = re.compile(r"\s*(?:```|from |import |@|def |async def |class |#|\"\"\"|''')")


def cut(completion: str, stops: Sequence[str] = PAPER_STOPS, begin: int = 0) -> str:
    r"""The part of a completion before its first stop sequence; all of it if it has none.

    The first `begin` characters are not searched. Prompts are never cut: a prompt may itself hold
    two definitions. An empty stop is ignored.

    >>> cut("    return x + 1\n\nprint(f(1))\n")
    '    return x + 1\n'
    >>> cut("    return x + 1<end>", ["<end>"])
    '    return x + 1'
    """
    ends = [at for stop in stops if stop and (at := completion.find(stop, begin)) >= 0]
    return completion[: min(ends, default=None)]


def header_end(completion: str, prompt: str, entry_point: str) -> int:
    r"""Where a completion goes on that begins by repeating its prompt; 0 if it does not.

    That is behind the prompt, or behind the line that defines the entry point.

    >>> header_end("def f(x):\n    return x\n", "def f(x):\n", "f")
    9
    >>> header_end("    return x\n\ndef f(x):\n", "def f(x):\n", "f")
    0
    """
    begin = len(completion) - len(completion.lstrip())
    repeated = prompt.strip()
    if repeated and completion.startswith(repeated, begin):
        return begin + len(repeated)
    if begin != completion.rfind("\n", 0, begin) + 1 or not BEGINS_ANEW.match(completion):
        return 0
    name = re.escape(entry_point.partition(".")[0])
    header = re.search(rf"^(?:async )?(?:def|class)[ \t]+{name}\b.*", completion, re.MULTILINE)
    return header.end() if header else 0


def spelled_stops(texts: Sequence[str]) -> tuple[str, ...]:
    r"""The stop sequences that `--stop` spells: `paper` for the paper's, `\n` and `\t` in others.

    >>> spelled_stops(["paper", r"\n```"])[-2:]
    ('\nprint', '\n```')
    """
    stops = [
        PAPER_STOPS if text == "paper" else (text.replace("\\n", "\n").replace("\\t", "\t"),)
        for text in texts
    ]
    return tuple(dict.fromkeys(stop for each in stops for stop in each))
