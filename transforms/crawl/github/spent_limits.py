"""Which limits are spent until when, kept under DATA: a limit outlives the run that spent it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from transforms.crawl.github.rate_limits import LONGEST_WAIT, SLACK
from transforms.lib.errors import UsageError
from transforms.lib.network.page_cache import page_file
from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class SpentLimits:
    """Times as `pages/ab/<digest>.json`, whose name says of which interface and token they are."""

    data: Storage
    base: str

    def get(self, token: str | None, now: float) -> dict[str, float]:
        """Until when each resource is closed, as far as that is to come and may be true."""
        with contextlib.suppress(UsageError, AttributeError, TypeError):  # damaged: none is known
            kept = (self.data.read_json(self._name(token)) or {}).items()
            return {name: until for name, until in kept if now < until < now + LONGEST_WAIT + SLACK}
        return {}

    def put(self, token: str | None, closed: Mapping[str, float]) -> None:
        """Keep until when resources are closed, for the runs after this one."""
        self.data.put_json(self._name(token), dict(closed), durable=False)

    def _name(self, token: str | None) -> str:
        return page_file(f"limits of {self.base} {token or ''}")
