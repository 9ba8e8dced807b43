"""What is to be done about findings, as the run of `quire secrets` that DATA holds was asked to."""

from collections.abc import Collection
from dataclasses import dataclass

from schemas import SECRETS
from transforms.lib.detection.finding import CREDENTIALS, HIGH, KINDS, Finding
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

REPORT, MASK, DROP = POLICIES = ("report", "mask", "drop")
NONE = "none"  # the action where nothing is done
ACTIONS = (NONE, MASK, DROP)  # the later ones are the stronger ones
# What a policy acts on if no kinds are named: a file with an address is worth keeping.
DEFAULT_KINDS = {REPORT: KINDS, MASK: KINDS, DROP: CREDENTIALS}


@dataclass(frozen=True)
class Policy:
    """What readers of a text do about findings in it: `name` is one of POLICIES.

    `kinds` are the kinds that it acts on.
    """

    name: str = REPORT
    kinds: tuple[str, ...] = KINDS

    def action(self, finding: Finding) -> str:
        """What is done about a finding: none, mask or drop.

        >>> mail, guess = Finding(0, 6, "", "email"), Finding(0, 6, "", "email", "low")
        >>> [Policy(name).action(mail) for name in POLICIES], Policy("mask").action(guess)
        (['none', 'mask', 'drop'], 'none')
        """
        acts = self.name != REPORT and finding.confidence == HIGH and finding.kind in self.kinds
        return self.name if acts else NONE

    def schemes(self) -> dict[str, str]:
        """The policy as the manifest of `secrets` records it."""
        return {"policy": self.name, "kinds": ",".join(self.kinds)}


def chosen_policy(name: str, kinds: Collection[str] = ()) -> Policy:
    """The policy of that name; without `kinds` it acts on those of DEFAULT_KINDS.

    >>> chosen_policy("drop").kinds, chosen_policy("mask", ["ip", "key"]).kinds
    (('key', 'password'), ('key', 'ip'))
    """
    wanted = kinds or DEFAULT_KINDS[name]
    return Policy(name, tuple(kind for kind in KINDS if kind in wanted))


def read_policy(data: Storage) -> Policy | None:
    """The policy with which the `secrets` of DATA were made; None if there are none."""
    manifest = read_manifest(data, SECRETS.name)
    if manifest is None:
        return None
    schemes = manifest.get("schemes", {})
    name, kinds = schemes.get("policy", REPORT), schemes.get("kinds", "")
    return Policy(name, tuple(filter(None, kinds.split(","))))


def strongest(actions: Collection[str]) -> str | None:
    """The strongest of some actions; None if there are none.

    >>> strongest(["none", "mask"]), strongest([])
    ('mask', None)
    """
    return max(actions, key=ACTIONS.index, default=None)
