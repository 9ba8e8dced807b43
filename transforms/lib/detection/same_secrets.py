"""Whether `secrets` is of the corpus that is here, and other datasets of the `secrets` that are."""

from collections.abc import Iterable

from schemas import SECRETS, by_name
from transforms.lib.detection.policy import REPORT, read_policy
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.inputs import content_digest, made_of
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage


def require_same_corpus(data: Storage) -> None:
    """Raise UsageError if `secrets` was made of another `corpus` than the committed one.

    Or if only some of its shards were looked through, and masks or removals depend on it.
    """
    corpus, secrets = (read_manifest(data, name) for name in ("corpus", SECRETS.name))
    if corpus is None or secrets is None:
        return
    again = f"run `quire secrets {data.root} --overwrite`, with the flags of its run, first"
    if made_of(secrets).get("corpus") != content_digest(corpus):
        raise UsageError(
            f"{data.path(SECRETS.name)}: made of another `corpus` than is here; {again}"
        )
    looked_through = secrets.get("schemes", {}).get("shards")
    if looked_through and _acts(data):
        raise UsageError(
            f"{data.path(SECRETS.name)}: made of {looked_through} shards of `corpus` (--limit); "
            f"{again}"
        )


def require_same_secrets(data: Storage, datasets: Iterable[str]) -> None:
    """Raise UsageError if one of these datasets was made of other `secrets` than are here.

    Under `report` one that was made before there were any may stay: it has no masks. One with
    masks is refused also where `secrets` was deleted.
    """
    for dataset in datasets:
        if _acts(data) or SECRETS.name in made_of(read_manifest(data, dataset)):
            _require_same(data, dataset, SECRETS.name)


def require_same_inputs(data: Storage, dataset: str, inputs: Iterable[str]) -> None:
    """Raise UsageError if a dataset was not made of these datasets as they are here.

    Only where a policy masks or drops, and where they are committed.
    """
    for name in inputs if _acts(data) else ():
        if read_manifest(data, name):
            _require_same(data, dataset, name)


def _require_same(data: Storage, dataset: str, name: str) -> None:
    made, manifest = (read_manifest(data, each) for each in (dataset, name))
    if made and made_of(made).get(name) != (manifest and content_digest(manifest)):
        raise UsageError(
            f"{data.path(dataset)}: not made of `{name}` as they are here; "
            f"run `quire {by_name(dataset).stage} {data.root} --overwrite`, with the flags of its "
            "run, first"
        )


def _acts(data: Storage) -> bool:
    """Whether the policy of `secrets` does more than report."""
    policy = read_policy(data)
    return policy is not None and policy.name != REPORT
