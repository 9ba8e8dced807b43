"""Where a completion ends: at the first stop sequence (Codex section 3.2)."""

from collections.abc import Sequence

# The paper's; each begins a line that is not part of the function any more.
PAPER = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")


def cut(completion: str, stops: Sequence[str] = PAPER) -> str:
    """A completion up to its first stop sequence, which goes too.

    Only in the completion: a prompt may hold two definitions, and none of it is cut.
    """
    ends = [at for stop in stops if stop and (at := completion.find(stop)) >= 0]
    return completion[: min(ends, default=None)]
