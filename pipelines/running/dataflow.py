"""Dataflow: checks before a job is submitted, and the message after it.

The command that submits a job does not wait for it: the job's last step commits its datasets.
"""

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    TestOptions,
    WorkerOptions,
)
from apache_beam.options.pipeline_options_validator import PipelineOptionsValidator
from apache_beam.runners import create_runner
from apache_beam.runners.runner import PipelineResult

from pipelines import ON_REQUEST, STAGES
from transforms.lib.errors import Submitted, UsageError
from transforms.lib.skeleton.storage import Storage

RUNNER = "DataflowRunner"
NEEDED = (
    (GoogleCloudOptions, "project", "the Google Cloud project that pays"),
    (GoogleCloudOptions, "region", "where the job runs"),
    (GoogleCloudOptions, "temp_location", "a folder at gs:// for what the job leaves behind"),
    (WorkerOptions, "sdk_container_image", "an image that has quire"),
)
CONSOLE = "https://console.cloud.google.com/dataflow/jobs/{region}/{job}?project={project}"


def chosen(flags: PipelineOptions) -> bool:
    """Whether the flags choose Dataflow."""
    return bool(flags.view_as(StandardOptions).runner == RUNNER)


def check(data: Storage, flags: PipelineOptions) -> None:
    """Raises UsageError if a job with these flags could not run. Google Cloud is not called."""
    try:
        from apache_beam.runners.dataflow.internal import apiclient  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"--runner={RUNNER} needs Beam's part for Google Cloud: bash infra/install.sh "
            f"'[dataflow]' ({error})"
        ) from error
    for view, name, meaning in NEEDED:
        if not getattr(flags.view_as(view), name):
            raise UsageError(f"--runner={RUNNER} needs --{name}, {meaning}; see infra/README.md")
    if errors := _invalid(flags):
        raise UsageError(f"--runner={RUNNER}: {errors[0]}")
    if data.local and not flags.view_as(TestOptions).dry_run:
        raise UsageError(f"{data.root}: workers of Dataflow do not see it; DATA must be at gs://")


def _invalid(flags: PipelineOptions) -> list[str]:
    """What Beam finds wrong with names and folders, before it creates folders of its own."""
    google = flags.view_as(GoogleCloudOptions)
    validator = PipelineOptionsValidator(flags, create_runner(RUNNER))
    if not validator.is_service_runner():
        return []
    location = validator.validate_gcs_path(google, "temp_location")
    return [*validator.validate_cloud_options(google), *location]


def set_worker_options(flags: PipelineOptions) -> None:
    """Set the options that every job has: all that a worker runs is in its image."""
    setup = flags.view_as(SetupOptions)
    setup.save_main_session = False
    setup.sdk_location = "container"


def submitted(stage: str, data: Storage, flags: PipelineOptions, job: PipelineResult) -> Submitted:
    """The message after a job was submitted: where it is, and what to do when it has ended."""
    google = flags.view_as(GoogleCloudOptions)
    if flags.view_as(TestOptions).dry_run:
        return Submitted(f"{stage}: the job is valid, and not submitted: --dry_run=True")
    if google.template_location:
        return Submitted(f"{stage}: the job is in {google.template_location}; start it from there")
    console = CONSOLE.format(region=google.region, job=job.job_id(), project=google.project)
    return Submitted(
        f"{stage}: job {job.job_id()} is submitted, {console}\n"
        f"when it has ended: quire check {data.root}, then {_next(stage, data.root)}\n"
        "if it has failed: the same command with --resume"
    )


def _next(stage: str, data: str) -> str:
    later = STAGES[STAGES.index(stage) + 1 :] if stage in STAGES else ()
    after = [name for name in later if stage in ON_REQUEST or name not in ON_REQUEST]
    return f"quire {after[0]} {data} …" if after else f"quire sql {data} funnel"
