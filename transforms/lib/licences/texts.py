"""The SPDX ids of a licence text, found by spdx-matcher in a process of its own.

The patterns of spdx-matcher backtrack: a hostile text can keep a process busy for hours. Here a
text that takes more than CPU_SECONDS is given up.
"""

import functools
import re
from typing import Any

from transforms.lib.killable import KillableProcess, ProcessDied, serve

CPU_SECONDS = 10  # a bundle of many licences takes a few; a single licence 0.01
# Most patterns begin with an optional title and up to 5,000 characters of copyright notice. As
# patterns are searched for in a text, they match the same texts without it, 20 times as fast.
NOTICE_PATTERN = re.compile(
    r"(\[ \]\*|\(\|[^()]*(\((?:[^()]|\([^()]*\))*\)[^()]*)*\))*\(\?P<\w+>\.\{0,5000\}\)"
)

_matcher = KillableProcess(__name__)


@functools.lru_cache(64)
def spdx_ids(text: str) -> list[str] | None:
    """The SPDX ids of the licences in a text, sorted; None if it takes too long."""
    if not text.strip():
        return []
    try:
        ids: list[str] = _matcher.ask(text, CPU_SECONDS)
    except ProcessDied as death:
        if death.took_too_long:
            return None
        raise
    return ids


class _Matcher:
    """spdx-matcher with faster patterns, which tries only the licences that may match a text."""

    def __init__(self) -> None:
        import spdx_matcher  # slow and large: imported in the process of its own only

        self._spdx: Any = spdx_matcher
        self._index, self._known = spdx_matcher._load_license_analyser_cache()
        for kind in ("licenses", "exceptions"):
            for known in self._known[kind].values():
                for patterns in _patterns(known):
                    patterns["regexps"][0] = NOTICE_PATTERN.sub("", patterns["regexps"][0], count=1)

    def identify(self, text: str) -> list[str]:
        """The SPDX ids of the licences in a text, sorted."""
        plain = self._spdx.normalize(text, remove_sections=self._spdx.REMOVE_NONE)
        unlikely = [
            [name for name in self._index[kind] if not _likely(self._known[kind][name], plain)]
            for kind in ("licenses", "exceptions")
        ]
        analysis, _ = self._spdx.analyse_license_text(text, *unlikely)
        return sorted(_without_indistinct(set(analysis["licenses"])))


def _patterns(known: dict) -> list[dict]:
    """The patterns of a licence: those of its header and of its text, if it has them."""
    parts = (known[part].get("regexpForMatch") for part in ("header", "text"))
    return [patterns for patterns in parts if patterns]


def _likely(known: dict, plain: str) -> bool:
    """Whether all fixed parts of a licence are in a text in their order, which a match needs."""
    return any(_in_order(patterns["finger_prints"], plain) for patterns in _patterns(known))


def _in_order(parts: list[str], plain: str) -> bool:
    at = 0
    for part in parts:
        at = plain.find(part, at) + len(part)
        if at < len(part):
            return False
    return True


def _without_indistinct(ids: set[str]) -> set[str]:
    """The ids without variants that have the same text: "or later" and optional exhibits."""
    later = {name.removesuffix("-only") + "-or-later" for name in ids if name.endswith("-only")}
    return ids - later - {name + "-no-copyleft-exception" for name in ids}


if __name__ == "__main__":
    serve(_Matcher().identify)
