"""Which datasets were made before what is committed now of the datasets that they are made of."""

from schemas import SECRETS
from transforms.lib.detection.policy import REPORT, read_policy
from transforms.lib.skeleton.inputs import content_digest, made_of
from transforms.lib.skeleton.shards import committed, read_manifest
from transforms.lib.skeleton.storage import Storage

# Datasets whose stages act by the policy of `secrets`, and note in their manifests which they read.
FOLLOW_POLICY = (
    "functions",
    "contest_problems",
    "ci_problems",
    "examples",
    "exports/text",
    "exports/sft",
    "exports/rl",
    "exports/harbor",
    "tokens",
)
PROBLEMS = "problems"  # copies of the two before, without a look at `secrets`


def older_datasets(data: Storage) -> dict[str, list[str]]:
    """By dataset, the datasets that were made of another content of it than is committed now."""
    found: dict[str, list[str]] = {}
    for dataset in committed(data):
        for name, digest in made_of(read_manifest(data, dataset.name)).items():
            manifest = read_manifest(data, name)
            if manifest and content_digest(manifest) != digest:
                found.setdefault(name, []).append(dataset.name)
    return found


def older_than_policy(data: Storage) -> list[str]:
    """The datasets in which the policy that masks or drops does not act, for they were made before.

    Or of other `secrets`. None where the policy is to report.
    """
    secrets, policy = read_manifest(data, SECRETS.name), read_policy(data)
    if secrets is None or policy is None or policy.name == REPORT:
        return []
    digest, there = content_digest(secrets), {dataset.name for dataset in committed(data)}
    found = [
        name
        for name in FOLLOW_POLICY
        if name in there and made_of(read_manifest(data, name)).get(SECRETS.name) != digest
    ]
    others = {*found, *(name for name, old in older_datasets(data).items() if PROBLEMS in old)}
    followed = made_of(read_manifest(data, PROBLEMS)).keys() & set(FOLLOW_POLICY)
    return [*found, PROBLEMS] if followed & others else found
