"""The template of Dataflow: its parameters are the stages' flags, and what it starts is a stage."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from google.cloud import dataflow

from pipelines import STAGES, cli
from pipelines.running import template
from tests.conftest import write_files
from tests.infra.jobs import DRY, IMAGE, recorded
from tests.support.inputs import rows

ROOT = Path(__file__).parents[2]
REGENERATE = (
    ".venv/bin/python -m pipelines.running.template --metadata > infra/dataflow/metadata.json"
)


def test_the_template_is_that_of_the_parser() -> None:
    text = (ROOT / "infra" / "dataflow" / "metadata.json").read_text()
    if text != json.dumps(template.metadata(), indent=2) + "\n":
        pytest.fail(f"the stages have other flags now; write it anew: {REGENERATE}")
    known = dataflow.TemplateMetadata.from_json(text, ignore_unknown_fields=False)
    required = [each.name for each in known.parameters if not each.is_optional]
    assert required == ["stage", "data"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_parameter_reaches_its_stage(stage: str) -> None:
    """What Dataflow passes is what a person would have typed."""
    texts = {0: "true", "*": "dir:a dir:b", "+": "a b"}
    given, expected = [f"--stage={stage}"], {}
    for action in template.flags_of(stage):
        default = action.default if isinstance(action.default, str) else ""
        text = texts.get(action.nargs, "gs://b/r" if action.dest == "data" else default or "1")
        text = str(next(iter(action.choices))) if action.choices else text
        given.append(f"--{action.dest}={text}")
        value: Any = True if action.nargs == 0 else text.split() if action.nargs else text
        value = [value] if isinstance(action, argparse._AppendAction) else value
        expected[action.dest] = action.type(value) if callable(action.type) else value
    options = cli.parse(template.command([*given, *DRY, "--launched_by=dataflow"]))
    assert {name: vars(options)[name] for name in expected} == expected
    assert options.beam_flags == list(DRY)


def test_the_template_makes_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv(template.IMAGE, IMAGE)
    write_files(tmp_path / "in.parquet", rows(3))
    run = ["--stage=corpus", f"--data={tmp_path}/data", f"--files={tmp_path}/in.parquet"]
    flags = [flag for flag in DRY if not flag.startswith(("--sdk_container_image", "--runner"))]
    with recorded() as jobs:
        assert template.main([*run, "--overwrite=true", *flags]) == 0
        assert template.main([*run, "--overwrite=false", *flags]) == 0
    for job in jobs:
        [environment] = job.proto.components.environments.values()
        assert IMAGE.encode() in environment.payload
    assert len(jobs) == 2


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (["--stage=corpus", "--data=gs://b/r", "--source=dir:a"], "--source: corpus has no such"),
        (["--data=gs://b/r"], "the following arguments are required: --stage"),
    ],
)
def test_the_template_refuses_what_no_stage_takes(
    parameters: list[str], words: str, capfd: pytest.CaptureFixture
) -> None:
    assert template.main(parameters) == 2
    error = capfd.readouterr().err
    assert error.startswith(f"quire: {words}") and error.count("\n") == 1
