"""Tiers of confinement, the strongest first: an open set, of which one that works is taken."""

from transforms.errors import PipelineError
from transforms.sandbox.harness import Harness, Lost
from transforms.sandbox.tiers import bubblewrap, landlock
from transforms.sandbox.tiers.needs import Needs

TIERS = (bubblewrap, landlock)


def start(needs: Needs, tier: str | None = None) -> Harness:
    """A server under a tier, by default the strongest that works; PipelineError if none does."""
    refusals = []
    for module in TIERS:
        if tier in (None, module.NAME):
            try:
                return Harness(module.launch(needs))
            except Lost as error:
                refusals.append(f"{module.NAME}: {error} ({module.INSTALL})")
    raise PipelineError(f"no sandbox for foreign code: {'; '.join(refusals)}")
