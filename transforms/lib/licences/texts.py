"""SPDX ids of a licence text, by spdx-matcher in a process of its own.

The patterns of spdx-matcher backtrack: a text made for it holds a process for hours. Here a text
may take CPU_SECONDS, and is given up after that.
"""

import functools
import re
from typing import Any

from transforms.lib.killable import Died, Killable, serve

CPU_SECONDS = 10  # bundles of many licences take some; a single licence takes a hundredth of one
# Most patterns begin with an optional title and up to 5,000 characters of copyright notice. They
# are searched for, so that without this beginning they match the same texts, 20 times as fast.
NOTICE = re.compile(
    r"(\[ \]\*|\(\|[^()]*(\((?:[^()]|\([^()]*\))*\)[^()]*)*\))*\(\?P<\w+>\.\{0,5000\}\)"
)


_matcher = Killable(__name__)


@functools.lru_cache(64)
def spdx_ids(text: str) -> list[str] | None:
    """Ids of the licences in a text, sorted; None if it took too long."""
    if not text.strip():
        return []
    try:
        ids: list[str] = _matcher.ask(text, CPU_SECONDS)
    except Died as death:
        if death.took_too_long:
            return None
        raise
    return ids


class _Patterns:
    """spdx-matcher with its patterns made fast, and asked only for licences that may match."""

    def __init__(self) -> None:
        import spdx_matcher  # takes a while and much memory: only this process has it

        self._spdx: Any = spdx_matcher
        self._index, self._known = spdx_matcher._load_license_analyser_cache()
        for kind in ("licenses", "exceptions"):
            for known in self._known[kind].values():
                for patterns in _patterns(known):
                    patterns["regexps"][0] = NOTICE.sub("", patterns["regexps"][0], count=1)

    def identify(self, text: str) -> list[str]:
        plain = self._spdx.normalize(text, remove_sections=self._spdx.REMOVE_NONE)
        unlikely = [
            [name for name in self._index[kind] if not _likely(self._known[kind][name], plain)]
            for kind in ("licenses", "exceptions")
        ]
        analysis, _ = self._spdx.analyse_license_text(text, *unlikely)
        return sorted(_told_apart(set(analysis["licenses"])))


def _patterns(known: dict) -> list[dict]:
    return [found for part in ("header", "text") if (found := known[part].get("regexpForMatch"))]


def _likely(known: dict, plain: str) -> bool:
    """Whether all fixed parts of a licence are in a text, in order: what the matcher asks first."""
    return any(_in_order(patterns["finger_prints"], plain) for patterns in _patterns(known))


def _in_order(parts: list[str], plain: str) -> bool:
    at = 0
    for part in parts:
        at = plain.find(part, at) + len(part)
        if at < len(part):
            return False
    return True


def _told_apart(ids: set[str]) -> set[str]:
    """Without what a licence's text cannot say: its own "or later" and its optional exhibits."""
    later = {name.removesuffix("-only") + "-or-later" for name in ids if name.endswith("-only")}
    return ids - later - {name + "-no-copyleft-exception" for name in ids}


if __name__ == "__main__":
    serve(_Patterns().identify)
