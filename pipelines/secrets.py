"""secrets: files of the corpus to where they hold keys, passwords and addresses."""

import hashlib
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.job import Job, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.lib import VERSION
from transforms.lib.detection.finding import KINDS
from transforms.lib.detection.policy import (
    DROP,
    MASK,
    POLICIES,
    REPORT,
    Policy,
    chosen_policy,
    read_policy,
)
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage, read_file
from transforms.secrets import DATASETS, STAGE
from transforms.secrets.units import plan_shards

if TYPE_CHECKING:
    from transforms.secrets.stage import FindSecrets

EPILOG = """policies: what readers of a file do about what is found in it with high confidence
  report  nothing; feed says how many examples hold what (default)
  mask    functions, contests, ci, feed and exports have <KEY>, <PASSWORD>, <EMAIL> or an
          address of documentation in its place (kinds: all, unless --kinds names some)
  drop    feed leaves the file out, and what was made of it (kinds: key, password)

`corpus` stays as it is, and no value is written anywhere: `secrets` has a fingerprint. By default
its key follows from the corpus, so that equal runs have equal bytes; then whoever has the corpus
can guess short passwords. Who publishes `secrets` gives a key of their own, and keeps it.

examples:
  quire secrets ./data                                what is where; nothing is changed
  quire secrets ./data --policy mask --overwrite      and what is made from now on has masks
  quire secrets ./data --policy drop --kinds key,password,email
  quire secrets ./data --fingerprint-key key.txt      a key to publish fingerprints with
  quire sql ./data secrets                            how many, by rule, and in how many files
"""
DONE_ABOUT = {
    REPORT: "report: nothing is changed",
    MASK: "mask: what is made of these files from now on has masks in place of {kinds}",
    DROP: "drop: feed leaves out what holds {kinds} from now on",
}
COUNTS = """SELECT kind, count(*) FROM secrets WHERE confidence = '{}'
GROUP BY 1 ORDER BY 2 DESC, 1"""


def add_build_arguments(parser: ArgumentParser) -> None:
    """The flag that `build` has, too, by another name."""
    parser.add_argument(
        "--secrets",
        choices=POLICIES,
        help="what to do about keys, passwords and addresses in files: report (default; with "
        "--resume what was asked for before), mask, or drop",
    )


def build_flags(data: Storage, options: Namespace) -> dict[str, str | None]:
    """The flags of this stage in a `build`; one that is resumed keeps the policy that is here."""
    policy = read_policy(data) if options.resume and not options.secrets else None
    if policy is None or policy.name == REPORT:
        return {"policy": options.secrets or REPORT, "kinds": None}
    return {"policy": policy.name, "kinds": ",".join(policy.kinds)}


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--policy",
        choices=POLICIES,
        default=REPORT,
        help="what readers do about what is found, see below (default: report)",
    )
    parser.add_argument(
        "--kinds",
        metavar="KIND,…",
        help=f"what the policy acts on, of {', '.join(KINDS)}",
    )
    parser.add_argument(
        "--fingerprint-key",
        metavar="FILE",
        help="a file with a key of your own for fingerprints, see below",
    )


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """A unit for each shard of `corpus`."""
    policy = chosen_policy(options.policy, _kinds(options))
    if read_manifest(data, "corpus") is None:
        raise UsageError(f"{data.path()}: no `corpus` here; run `quire corpus {data.root}` first")
    planned, inputs = plan_shards(data)
    units = list(limited(planned, options))
    key = _key(options.fingerprint_key, inputs)
    schemes = policy.schemes()
    if len(units) < len(planned):
        schemes["shards"] = f"{len(units)} of {len(planned)}"

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FindSecrets":
        from transforms.secrets.finding_rows import FindingRows
        from transforms.secrets.stage import FindSecrets

        return FindSecrets(plan, config, FindingRows(policy, key))

    return Job(
        DATASETS,
        config_of([VERSION, inputs, schemes, _detectors(), hashlib.sha256(key).hexdigest()]),
        units,
        transform,
        f"secrets: {len(units)} units, --policy {policy.name}, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=len(units),
        inputs=read_inputs(data, ["corpus"]),
        schemes=schemes,
        phases={"done": DATASETS},
    )


def _kinds(options: Namespace) -> list[str]:
    """The kinds that --kinds names. Raises UsageError for others, or if nothing acts on them."""
    if options.kinds and options.policy == REPORT:
        raise UsageError("--kinds says what --policy mask or drop acts on; give that, too")
    kinds = options.kinds.split(",") if options.kinds else []
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"--kinds: {kind!r} is none of {', '.join(KINDS)}")
    return kinds


def _detectors() -> list[str]:
    """The versions of the detectors, whose rules take a while to load."""
    from transforms.lib.detection.find import detection_version

    return detection_version()


def _key(file: str | None, inputs: str) -> bytes:
    """The key of fingerprints: the content of a file, or else what follows from the inputs.

    Raises UsageError if the file cannot be read, or is empty.
    """
    if file is None:
        return hashlib.sha256(f"fingerprints of {inputs}".encode()).digest()
    try:
        key = read_file(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error!s:.200})") from error
    if not key.strip():
        raise UsageError(f"{file}: empty; a key for fingerprints is 16 random bytes or more")
    return key


def _finish(data: Storage) -> int:
    """Say what was found, in how many files, and what is done about it."""
    with connect(data) as connection:
        high, low = (connection.execute(COUNTS.format(each)).fetchall() for each in ("high", "low"))
        files = connection.execute("SELECT count(DISTINCT sha256) FROM secrets").fetchall()[0][0]
    policy = read_policy(data) or Policy()
    done = DONE_ABOUT[policy.name].format(kinds=", ".join(policy.kinds))
    print(
        f"secrets: {_told(high, 'high')}, {_told(low, 'low')}, in {files:,} files; {done}",
        file=sys.stderr,
    )
    return 0


def _told(counts: list[tuple[str, int]], confidence: str) -> str:
    """How many findings there are, and of each kind in brackets."""
    named = ", ".join(f"{kind} {count:,}" for kind, count in counts)
    total = sum(count for _, count in counts)
    return f"{total:,} of {confidence} confidence" + (f" ({named})" if named else "")
