"""Where a completion ends: before its first stop sequence (Codex section 3.2)."""

from collections.abc import Sequence

# The five of the paper: each begins a line that is no longer part of the function.
PAPER_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")


def cut(completion: str, stops: Sequence[str] = PAPER_STOPS) -> str:
    r"""The part of a completion before its first stop sequence; all of it if it has none.

    Prompts are never cut: a prompt may itself hold two definitions. An empty stop is ignored.

    >>> cut("    return x + 1\n\nprint(f(1))\n")
    '    return x + 1\n'
    >>> cut("    return x + 1<end>", ["<end>"])
    '    return x + 1'
    """
    ends = [at for stop in stops if stop and (at := completion.find(stop)) >= 0]
    return completion[: min(ends, default=None)]
