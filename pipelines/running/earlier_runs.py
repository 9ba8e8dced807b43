"""What an earlier run of a stage has left: whether there is work to do, and what forbids it."""

import argparse
from collections.abc import Sequence

from pipelines.running.job import Job, Stage
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.rights.removal_commit import cut
from transforms.lib.skeleton.damage import Harm, harmed_shards
from transforms.lib.skeleton.inputs import has_schema
from transforms.lib.skeleton.shards import read_manifest


def prepare(stage: Stage, job: Job, options: argparse.Namespace) -> bool:
    """Whether there is work to do; removes the work that --overwrite or other inputs make obsolete.

    Raises UsageError if it would overwrite unasked.
    """
    if options.overwrite:
        stage.start_anew()
        return True
    if not options.resume:
        refuse_begun(stage)
        return True
    harmed = harms(stage, job)
    if difference := differs(stage, job, harmed):
        if not options.renew:
            raise UsageError(
                f"{stage.data.path()}: {stage.name} ran here with {difference}; "
                f"`quire {stage.name}` with --overwrite starts anew"
            )
        stage.start_anew()
        return True
    if stage.unfinished() or stage.replaced_by() or not stage.committed():
        return True
    # A unit alone cannot be made anew once rows were removed: it may have other rows now.
    if harmed and job.mends is None and cut(stage.data, [*job.inputs, *job.datasets]):
        stage.start_anew()
        return True
    if harmed:
        stage.start(job)
        stage.reopen(job, harmed)
    return bool(harmed)


def refuse_begun(stage: Stage) -> None:
    """Raises UsageError if anything of an earlier run is there."""
    if stage.begun():
        raise UsageError(
            f"{stage.data.path()}: {stage.name} has run here already; "
            "--resume finishes it, --overwrite starts anew"
        )


def harms(stage: Stage, job: Job) -> Sequence[Harm]:
    """The harmed shards of a stage; none while an interrupted run is replacing its datasets."""
    if stage.replaced_by() is not None:
        return ()
    return harmed_shards(stage.data, stage.datasets) if job.mends is None else job.mends


def differs(stage: Stage, job: Job, harmed: Sequence[Harm]) -> str | None:
    """How an earlier run differs from this one, so that it cannot be resumed; None if it does not.

    A run that replaces committed datasets and was interrupted is the earlier run.
    """
    interrupted = stage.replaced_by()
    if interrupted is not None:
        other = interrupted != stage.config
        return "other inputs or settings, and was interrupted" if other else None
    for dataset in stage.datasets:
        manifest = read_manifest(stage.data, dataset)
        if manifest is None:
            continue
        if manifest["config"] != stage.config:
            return _named_difference(manifest, job)
        if not has_schema(stage.data, dataset, {harm.name for harm in harmed}):
            return f"other columns of {dataset} (by quire {manifest['version']})"
    return None


def _named_difference(manifest: dict, job: Job) -> str:
    """How the run that wrote a manifest differs, as far as the manifest says."""
    if manifest["version"] != VERSION:
        return f"quire {manifest['version']}, and this is {VERSION}"
    earlier = manifest.get("schemes", {})
    if job.schemes and not earlier:
        return "an older quire, which did not keep the names of its schemes"
    for kind, scheme in job.schemes.items():
        if earlier.get(kind) != scheme:
            return f"the {kind} scheme {earlier.get(kind)}, and this is {scheme}"
    return "other inputs or settings"
