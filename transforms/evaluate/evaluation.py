"""What is asked of samples: how they end and run, which scores, which tasks are clean."""

from dataclasses import dataclass, field

from transforms.lib.sandbox.limits import Limits


@dataclass(frozen=True)
class Evaluation:
    """What is asked of samples: how they end and run, which scores, which tasks are clean."""

    suite: str
    ks: tuple[int, ...]
    stops: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    clean: tuple[str, ...] | None = None
