"""Tiers of confinement, an open set: the strongest that works is taken, or the one asked for."""

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox.harness import Lost, Starter
from transforms.lib.sandbox.tiers import bubblewrap, gvisor, landlock
from transforms.lib.sandbox.tiers.needs import Needs

TIERS = (bubblewrap, landlock)  # the strongest first
ASKED_FOR = (gvisor,)
NAMES = tuple(module.NAME for module in (*TIERS, *ASKED_FOR))


def start(needs: Needs, tier: str | None = None) -> Starter:
    """What starts processes under a tier; PipelineError that says what to install if none works."""
    refusals = []
    if tier is not None and tier not in NAMES:
        raise UsageError(f"no sandbox tier {tier!r}: there are {', '.join(NAMES)}")
    for module in TIERS if tier is None else (*TIERS, *ASKED_FOR):
        if tier in (None, module.NAME):
            try:
                return module.start(needs)  # type: ignore[no-any-return]
            except Lost as error:
                refusals.append(f"{module.NAME}: {error} ({module.INSTALL})")
    raise PipelineError(f"no sandbox for foreign code here: {'; '.join(refusals)}")
