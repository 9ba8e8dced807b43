"""Tiers of confinement: an open set, of which the strongest that works is used by default.

A tier is a module with NAME, INSTALL (what to install where it does not work) and `start(needs)`.
"""

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.sandbox.server_process import SandboxLost, Starter
from transforms.lib.sandbox.tiers import bubblewrap, gvisor, landlock
from transforms.lib.sandbox.tiers.needs import SandboxNeeds

TIERS = (bubblewrap, landlock)  # the strongest first
REQUESTED_TIERS = (gvisor,)  # used only where they are requested by name
TIER_NAMES = tuple(module.NAME for module in (*TIERS, *REQUESTED_TIERS))


def start(needs: SandboxNeeds, tier: str | None = None) -> Starter:
    """The strongest tier that works, or the requested one, started.

    Raises UsageError for an unknown name, and PipelineError that says what to install if no tier
    works.
    """
    refusals = []
    if tier is not None and tier not in TIER_NAMES:
        raise UsageError(f"no sandbox tier {tier!r}: there are {', '.join(TIER_NAMES)}")
    for module in TIERS if tier is None else (*TIERS, *REQUESTED_TIERS):
        if tier in (None, module.NAME):
            try:
                return module.start(needs)  # type: ignore[no-any-return]
            except SandboxLost as error:
                refusals.append(f"{module.NAME}: {error} ({module.INSTALL})")
    raise PipelineError(f"no sandbox for foreign code here: {'; '.join(refusals)}")
