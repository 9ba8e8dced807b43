"""What stands around a job of Dataflow: the project that Terraform makes, the build, the arguments."""

import functools
import re
import string
from pathlib import Path
from typing import Any

import hcl2
import yaml
from apache_beam.options.pipeline_options import PipelineOptions, WorkerOptions
from hcl2.utils import SerializationOptions

from pipelines import cli
from pipelines.running import dataflow, template
from transforms.lib.skeleton.storage import Storage

ROOT = Path(__file__).parents[2]
DATAFLOW = ROOT / "infra" / "dataflow"
VALUES = {
    "project": "some-project",
    "region": "europe-west4",
    "bucket": "some-bucket",
    "image": "europe-west4-docker.pkg.dev/some-project/quire/quire:1",
    "service_account": "quire-worker@some-project.iam.gserviceaccount.com",
    "subnetwork": "regions/europe-west4/subnetworks/quire",
}


@functools.cache
def resources() -> dict[str, list[Any]]:
    """What Terraform makes, by type."""
    plain = SerializationOptions(with_comments=False, strip_string_quotes=True)
    found: dict[str, list[Any]] = {}
    for path in sorted((DATAFLOW / "terraform").glob("*.tf")):
        for block in hcl2.loads(path.read_text(), serialization_options=plain).get("resource", []):
            for kind, named in block.items():
                found.setdefault(kind, []).extend(named.values())
    return found


def test_nothing_is_public() -> None:
    [bucket] = resources()["google_storage_bucket"]
    assert bucket["uniform_bucket_level_access"] is True
    assert bucket["public_access_prevention"] == "enforced"
    [network] = resources()["google_compute_network"]
    [subnetwork] = resources()["google_compute_subnetwork"]
    assert network["auto_create_subnetworks"] is False
    assert subnetwork["private_ip_google_access"] is True
    [firewall] = resources()["google_compute_firewall"]
    assert firewall["source_tags"] == ["dataflow"] and "source_ranges" not in firewall
    for kind in ("google_compute_router", "google_compute_router_nat"):
        assert [each["count"] for each in resources()[kind]] == ["${var.crawl ? 1 : 0}"]
    [registry] = resources()["google_artifact_registry_repository"]
    assert registry["docker_config"][0]["immutable_tags"] is True
    assert not {"google_compute_address", "google_compute_instance"} & resources().keys()
    assert "allUsers" not in str(resources()) and "allAuthenticatedUsers" not in str(resources())


def test_accounts_may_do_their_work_and_no_more() -> None:
    given = {
        kind: sorted(set(re.findall(r"roles/[\w.]+", str(blocks))))
        for kind, blocks in resources().items()
        if "_iam_" in kind
    }
    assert given == {
        "google_project_iam_member": [
            "roles/dataflow.viewer",
            "roles/dataflow.worker",
            "roles/logging.logWriter",
        ],
        "google_storage_bucket_iam_member": [
            "roles/storage.legacyBucketReader",
            "roles/storage.objectUser",
        ],
        "google_artifact_registry_repository_iam_member": [
            "roles/artifactregistry.reader",
            "roles/artifactregistry.writer",
        ],
    }


def test_the_arguments_make_a_job_without_addresses(tmp_path: Path) -> None:
    file = tmp_path / "dataflow.args"
    arguments = string.Template((DATAFLOW / "dataflow.args").read_text())
    file.write_text(arguments.substitute(VALUES))
    options = cli.parse(["corpus", "gs://some-bucket/run", f"@{file}"])
    flags = PipelineOptions(options.beam_flags)
    dataflow.check(Storage(options.data), flags)
    assert dataflow.chosen(flags)
    workers = flags.view_as(WorkerOptions)
    assert (workers.use_public_ips, workers.subnetwork) == (False, VALUES["subnetwork"])


def test_terraform_fills_in_the_arguments() -> None:
    text = (DATAFLOW / "terraform" / "outputs.tf").read_text()
    [values] = re.findall(
        r'templatefile\("\$\{path.module\}/../dataflow.args", \{\n(.*?)\n  \}\)', text, re.DOTALL
    )
    assert re.findall(r"^ *(\w+) +=", values, re.MULTILINE) == list(VALUES)


def test_the_template_starts_the_image_that_is_built() -> None:
    build = yaml.safe_load((DATAFLOW / "cloudbuild.yaml").read_text())
    image, push, made = (step["args"] for step in build["steps"])
    name = "${_IMAGE}:${_TAG}"
    assert f"--build-arg={template.IMAGE.removeprefix('QUIRE_')}={name}" in image
    assert f"--tag={name}" in image and push == ["push", name] and f"--image={name}" in made
    files = [part.partition("=")[2] for part in image + made if "file=" in part]
    assert files == ["infra/Dockerfile", "infra/dataflow/metadata.json"]
    assert all((ROOT / file).is_file() for file in files)
    accounts = (DATAFLOW / "terraform" / "accounts.tf").read_text()
    account = re.findall(r"serviceAccounts/([\w-]+)@", build["serviceAccount"])
    assert account and f'account_id   = "{account[0]}"' in accounts
