"""Versions stand in infra/versions.env once; every file that repeats one is compared with it."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from apache_beam import version as beam

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
DOCKERFILES = (INFRA / "Dockerfile", INFRA / "flink" / "Dockerfile")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSIONS = dict(re.findall(r"^([A-Z_]+)=(\S+)$", (INFRA / "versions.env").read_text(), re.M))
FLINK_MINOR = VERSIONS["FLINK"].rpartition(".")[0]
# Numbers of three parts that are no versions of programs: addresses, the format of pom.xml.
NO_VERSIONS = {"127.0.0.1", "10.128.0.0", "4.0.0", PROJECT["project"]["version"]}

# File under infra/, a pattern whose group is a version, and what that version is.
REPEATED = (
    ("flink/pom.xml", r"<artifactId>beam-runners-flink-(.*)</artifactId>", FLINK_MINOR),
    ("flink/pom.xml", r"^      <version>(.*)</version>", VERSIONS["JOB_SERVER"]),
    ("flink/kubernetes.yaml", r"^  flinkVersion: v(\w+)", FLINK_MINOR.replace(".", "_")),
    ("flink/compose.yaml", r"image: registry\.k8s\.io/pause:(\S+)", VERSIONS["PAUSE"]),
    ("dataflow/cloudbuild.yaml", r"google-cloud-cli:(\S+)-slim", VERSIONS["CLOUD_SDK"]),
    ("dataflow/terraform/main.tf", r'version = "~> (.*)"', VERSIONS["GOOGLE_PROVIDER"]),
    ("Dockerfile", r"/python(\d+)-template-launcher", VERSIONS["PYTHON"].replace(".", "")),
    ("README.md", r"Python \(?(3\.\d+)", VERSIONS["PYTHON"]),
    ("README.md", r"Flink (\d+\.\d+)", FLINK_MINOR),
    ("README.md", r"Java (\d+)", VERSIONS["JAVA"]),
)


@pytest.mark.parametrize(("name", "pattern", "version"), REPEATED)
def test_a_repeated_version_is_the_one_of_the_file(name: str, pattern: str, version: str) -> None:
    assert set(re.findall(pattern, (INFRA / name).read_text(), re.MULTILINE)) == {version}


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfiles_have_the_versions_as_defaults(path: Path) -> None:
    text = path.read_text()
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    assert defaults and defaults.items() <= VERSIONS.items()
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    tags = [image.partition(":")[2] for image in images]
    assert tags and all(re.search(r"\$\{\w+\}", tag) for tag in tags), "a base image has a version"
    assert set(re.findall(r"\$\{(\w+)\}", "".join(images))) == defaults.keys()


def test_no_file_names_another_version() -> None:
    """A number of three parts in infra/ is a version of versions.env."""
    allowed = {*VERSIONS.values(), *NO_VERSIONS}
    for path in INFRA.rglob("*"):
        if path.is_file() and path.suffix not in (".json", ".pyc"):
            numbers = re.findall(r"(?<![\w.])\d+\.\d+\.\d+(?:\.\d+)*(?:_\d+)?", path.read_text())
            assert set(numbers) <= allowed, path


def test_shell_scripts_read_the_file() -> None:
    """A script that uses a version has read it, and sets none itself."""
    for path in [*INFRA.rglob("*.sh"), ROOT / "tests" / "run.sh"]:
        text = path.read_text()
        used = {name for name in VERSIONS if re.search(rf"\$\{{?{name}\b", text)}
        assert not used or re.search(r"^\. .*versions\.env", text, re.MULTILINE), path
        assert not re.search(rf"^({'|'.join(VERSIONS)})=", text, re.MULTILINE), path


def test_python_and_beam_are_those_of_the_project() -> None:
    assert PROJECT["project"]["requires-python"] == f">={VERSIONS['PYTHON_MIN']}"
    prefix = "Programming Language :: Python :: "
    names = [name for name in PROJECT["project"]["classifiers"] if name.startswith(prefix)]
    pythons = [name.removeprefix(prefix) for name in names]
    assert pythons[0] == VERSIONS["PYTHON_MIN"] and VERSIONS["PYTHON"] in pythons
    ruff = PROJECT["tool"]["ruff"]["target-version"]
    assert ruff == f"py{VERSIONS['PYTHON_MIN'].replace('.', '')}"
    assert beam.__version__ == VERSIONS["BEAM"]


def images() -> set[str]:
    """The names of images in the manifests for Kubernetes."""

    def named(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["image"]} if isinstance(value.get("image"), str) else set()
            return own.union(*map(named, value.values()))
        return set().union(*map(named, value)) if isinstance(value, list) else set()

    files = [INFRA / "flink" / name for name in ("kubernetes.yaml", "job.yaml")]
    return set().union(
        *(named(part) for file in files for part in yaml.safe_load_all(file.read_text()))
    )


def test_images_are_built_with_the_versions(tmp_path: Path) -> None:
    """What images.sh asks of docker, which is a stand-in that writes down its arguments."""
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n')
    docker.chmod(0o755)
    subprocess.run(
        ["bash", INFRA / "images.sh", "--push", "registry.example"],
        check=True,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    lines = (tmp_path / "asked").read_text().splitlines()
    builds, pushes = lines[::2], lines[1::2]
    assert {line.removeprefix("push ") for line in pushes} == images()
    for line, (path, target) in zip(
        builds,
        [(DOCKERFILES[0], ""), (DOCKERFILES[1], "flink"), (DOCKERFILES[1], "job-server")],
        strict=True,
    ):
        declared = re.findall(r"^ARG (\w+)=", path.read_text(), re.MULTILINE)
        given = dict(re.findall(r"--build-arg=(\w+)=(\S+)", line))
        assert given == {name: VERSIONS[name] for name in declared}
        assert f"--file {path.relative_to(ROOT)} --tag registry.example/quire" in line
        assert (f"--target {target} " in line) == bool(target)


def test_the_images_context_is_what_the_dockerfile_copies() -> None:
    text = DOCKERFILES[0].read_text()
    own = [copy for copy in re.findall(r"^COPY (.*) \S+$", text, re.M) if "--from" not in copy]
    copied = {name for copy in own for name in copy.split()}
    copied |= set(re.findall(r"--mount=source=(\S+),", text))
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines and kept - {"infra", "infra/dataflow"} == copied
    assert all((ROOT / name).exists() for name in kept)
