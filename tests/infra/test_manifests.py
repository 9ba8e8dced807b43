"""Images and manifests without what would build and run them: schemas, linters, and that they agree.

They are to start what infra/flink/up.sh starts and the tests on a cluster run.
"""

import functools
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.infra.test_versions import VERSIONS

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
FLINK = INFRA / "flink"
DOCKERFILES = (INFRA / "Dockerfile", FLINK / "Dockerfile")
POOL = ["python", "-P", "-m", "pipelines.running.worker_pool", "--port", "8101"]
WORKLOADS = ("Deployment", "Job")

# What is used here of the operator's FlinkDeployment; a field that is not named is a slip.
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
POD = {
    "type": "object",
    "required": ["spec"],
    "additionalProperties": False,
    "properties": {"spec": {"type": "object", "required": ["containers"]}},
}
RESOURCE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cpu", "memory"],
    "properties": {"cpu": {"type": "number"}, "memory": {"type": "string"}},
}
PART = {
    "type": "object",
    "additionalProperties": False,
    "required": ["resource"],
    "properties": {
        "replicas": {"type": "integer", "minimum": 1},
        "resource": RESOURCE,
        "podTemplate": POD,
    },
}
SPEC = {
    "image": {"type": "string"},
    "flinkVersion": {"pattern": r"^v\d+_\d+$"},
    "mode": {"enum": ["native", "standalone"]},
    "serviceAccount": {"type": "string"},
    "flinkConfiguration": TEXTS,
    "podTemplate": POD,
    "jobManager": PART,
    "taskManager": PART,
}
DEPLOYMENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "flink.apache.org/v1beta1"},
        "kind": {"const": "FlinkDeployment"},
        "metadata": {"type": "object", "required": ["name"]},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "properties": SPEC,
            "required": [name for name in SPEC if name != "mode"],
        },
    },
}


@functools.cache
def text(path: Path) -> str:
    return path.read_text()


@functools.cache
def manifests() -> dict[str, Any]:
    """Those for Kubernetes, by kind."""
    files = [FLINK / "kubernetes.yaml", FLINK / "job.yaml"]
    return {each["kind"]: each for file in files for each in yaml.safe_load_all(text(file))}


@functools.cache
def services() -> dict[str, Any]:
    """Those of the compose file, by name."""
    found: dict[str, Any] = yaml.safe_load(text(FLINK / "compose.yaml"))["services"]
    return found


def flink() -> Any:
    return manifests()["FlinkDeployment"]["spec"]


def one(pattern: str, path: Path) -> str:
    """The only place in a file that a pattern finds."""
    [found] = set(re.findall(pattern, text(path), re.MULTILINE))
    return str(found)


def arguments(path: Path) -> list[str]:
    return [line for line in text(path).split("\n") if line and not line.startswith("#")]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfiles_pass_their_linter(path: Path) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([linter, "--no-color", path], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (0, "")


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("compose-spec", FLINK / "compose.yaml"),
        ("cloudbuild", INFRA / "dataflow" / "cloudbuild.yaml"),
    ],
    ids=["compose", "cloudbuild"],
)
def test_files_are_what_their_programs_take(schema: str, path: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path]
    answer = subprocess.run(check, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


def test_manifests_are_what_kubernetes_takes() -> None:
    kinds = {"Deployment", "Service", "NetworkPolicy", "Job"}
    assert manifests().keys() == kinds | {"FlinkDeployment"}
    for kind in kinds:
        kubernetes_validate.validate(manifests()[kind], VERSIONS["KUBERNETES"], strict=True)
    jsonschema.validate(manifests()["FlinkDeployment"], DEPLOYMENT)
    for template in (flink()["podTemplate"], flink()["taskManager"]["podTemplate"]):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, **template}
        kubernetes_validate.validate(pod, VERSIONS["KUBERNETES"], strict=True)
        assert template["spec"]["containers"][0]["name"] == "flink-main-container"


def test_images_have_versions() -> None:
    mine = {"quire", "quire-flink", "quire-job-server"}  # made here
    others = {service["image"] for service in services().values()} - mine
    assert others and all(re.search(r":.*\d", image) for image in others)


def test_the_image_is_made_of_what_the_wheel_takes() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    needed = {
        "pyproject.toml",
        project["project"]["readme"],
        *project["project"]["license-files"],
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
    }
    copies = re.findall(r"^COPY (.*) /source\S*$", text(INFRA / "Dockerfile"), re.MULTILINE)
    assert {name for copy in copies for name in copy.split()} == needed


def test_the_launcher_has_a_file_to_run() -> None:
    run = [sys.executable, INFRA / "dataflow" / "template.py", "--stage=corpus"]
    answer = subprocess.run(
        run, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    assert answer.returncode == 2 and "required: --data" in answer.stderr


def settings(lines: str) -> dict[str, str]:
    """What Flink is told in lines of its configuration."""
    pairs = re.findall(r"^ *([a-z-]+(?:\.[\w-]+)+): (.+)$", lines, re.MULTILINE)
    return {name: value.strip('"') for name, value in pairs}


def test_flink_is_told_the_same_everywhere() -> None:
    properties = services()["jobmanager"]["environment"]["FLINK_PROPERTIES"]
    compose, alone = settings(properties), settings(text(FLINK / "up.sh"))
    assert services()["taskmanager"]["environment"] == services()["jobmanager"]["environment"]
    for name in ("fixed-delay.delay", "fixed-delay.attempts"):
        name = f"restart-strategy.{name}"
        assert compose[name] == flink()["flinkConfiguration"][name]
    assert (
        one(r"restarts=(\d+)", FLINK / "up.sh") == compose["restart-strategy.fixed-delay.attempts"]
    )
    for told in (compose, flink()["flinkConfiguration"]):
        assert told["restart-strategy.type"] == "fixed-delay"
        name = "taskmanager.network.sort-shuffle.min-buffers"
        assert told[name] == alone[name]


def test_java_opens_the_same_everywhere() -> None:
    [block] = re.findall(r"for package in (.*?); do", text(FLINK / "up.sh"), re.DOTALL)
    packages = set(block.replace("\\", "").split())
    opened = r"--add-opens=java\.base/([\w.]+)=ALL-UNNAMED"
    assert packages == set(re.findall(opened, text(FLINK / "Dockerfile")))
    assert packages == set(re.findall(opened, flink()["flinkConfiguration"]["env.java.opts.all"]))


def test_a_pool_of_workers_is_beside_each_taskmanager() -> None:
    assert "--environment_config=localhost:8101" in arguments(FLINK / "flink.args")
    assert services()["workers"]["entrypoint"] == POOL
    network = services()["workers"]["network_mode"]
    assert network == services()["taskmanager"]["network_mode"] == "service:taskmanager-network"
    [_, workers] = flink()["taskManager"]["podTemplate"]["spec"]["containers"]
    assert workers["command"] == POOL


def test_jobs_go_to_the_job_server() -> None:
    server = text(FLINK / "Dockerfile").split("ENTRYPOINT")[1]
    assert '"--job-port", "8099", "--artifact-port", "8100"' in server
    assert "--job_endpoint=localhost:8099" in arguments(FLINK / "flink.args")
    assert services()["quire"]["network_mode"] == "service:job-server"
    assert "--job-host localhost" in " ".join(services()["job-server"]["command"])
    [container] = manifests()["Job"]["spec"]["template"]["spec"]["containers"]
    slots = int(flink()["flinkConfiguration"]["taskmanager.numberOfTaskSlots"])
    expected = {
        "--job_endpoint=quire-job-server:8099",
        f"--sdk_worker_parallelism={slots}",
        f"--parallelism={slots * flink()['taskManager']['replicas']}",
    }
    assert set(container["args"]) > expected | {
        line
        for line in arguments(FLINK / "flink.args")
        if "parallelism" not in line and "job_endpoint" not in line
    }
    assert manifests()["Service"]["metadata"]["name"] == "quire-job-server"


def test_nobody_else_reaches_the_cluster() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)
    policy, service = manifests()["NetworkPolicy"]["spec"], manifests()["Service"]["spec"]
    assert policy["podSelector"]["matchLabels"] == service["selector"]
    [rule] = policy["ingress"]
    labels = manifests()["Job"]["spec"]["template"]["metadata"]["labels"]
    assert rule["from"] == [{"podSelector": {"matchLabels": labels}}]


def test_nothing_runs_as_root() -> None:
    pods = [manifests()[kind]["spec"]["template"] for kind in WORKLOADS]
    for pod in [*pods, flink()["podTemplate"]]:
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        workers = flink()["taskManager"]["podTemplate"]["spec"]["containers"][1:]
        for container in [*pod["spec"]["containers"], *workers]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
    assert all("user" in services()[name] for name in ("workers", "quire"))
    assert text(FLINK / "Dockerfile").count("\nUSER 9999\n") == 2
