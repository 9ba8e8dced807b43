"""Recipes of .travis.yml: the jobs that its matrix expands to, and the one that is tried."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from transforms.ci.project_tree import ProjectTree
from transforms.ci.python_versions import as_numbers, named_version
from transforms.ci.recipe import ROOT, Recipe
from transforms.ci.steps import (
    INSTALL,
    TEST,
    Found,
    Handover,
    RunTox,
    Step,
    asked_promise,
    recipe_of,
)
from transforms.ci.yaml_texts import as_list, as_mapping, as_texts, load_texts

NAME, FILE = "travis", ".travis.yml"
MOST_JOBS = 200  # of one file; Travis itself stops at 200
# Keys whose lists are multiplied into jobs, and the plurals that Travis takes as well.
AXES = ("python", "env", "os", "arch", "dist", "osx_image", "language")
PHASES = (
    ("before_install", INSTALL),
    ("install", INSTALL),
    ("before_script", INSTALL),
    ("script", TEST),
)
OF_TRAVIS = {
    **{"CI": "true", "TRAVIS": "true", "TRAVIS_OS_NAME": "linux"},
    **{"TRAVIS_BUILD_DIR": ROOT, "TRAVIS_BRANCH": "master", "TRAVIS_PULL_REQUEST": "false"},
}
DEFAULT_INSTALL = "pip install -r requirements.txt"


@dataclass(frozen=True)
class TravisJob:
    """A job of the matrix: the settings of the file with those of the job over them."""

    settings: Mapping[str, Any]
    env: Mapping[str, str]
    may_fail: bool = False

    @property
    def python(self) -> str | None:
        """The interpreter that it names, also by PYENV_VERSION or TOXENV."""
        named = as_texts(self.settings.get("python"))
        env = self.env.get("PYENV_VERSION") or self.env.get("TOXENV")
        return named_version(named[0]) if named else named_version(env or "")

    @property
    def is_plain(self) -> bool:
        """Whether it runs CPython's releases on Linux."""
        system = as_texts(self.settings.get("os")) or ["linux"]
        arch = as_texts(self.settings.get("arch")) or ["amd64"]
        named = " ".join([*as_texts(self.settings.get("python")), *self.env.values()])
        odd = re.search(r"pypy|nightly|-dev|jython|stackless", named)
        return system[0] == "linux" and arch[0] in ("amd64", "x86_64") and not odd


def find(tree: ProjectTree, run_tox: RunTox) -> list[Found]:
    """The recipes of a project that has a Travis file; raises UnreadableConfiguration."""
    return read(tree) if FILE in tree.texts else []


def read(tree: ProjectTree) -> list[Found]:
    """The recipes of the file's jobs, the most promising first, and to which runner they hand over.

    Raises UnreadableConfiguration.
    """
    settings = as_mapping(load_texts(tree.texts[FILE]))
    jobs = expand(settings)
    read_jobs = [(job, *_job_recipe(job, tree)) for job in jobs]
    testing = [each for each in read_jobs if each[1].runnable or each[2]]
    testing.sort(key=_promise, reverse=True)
    return [
        (replace(recipe, python_named=job.python, jobs=len(jobs)), handover)
        for job, recipe, handover in testing
    ]


def _promise(each: tuple[TravisJob, Recipe, Handover | None]) -> tuple:
    job, recipe, handover = each
    return (
        not job.may_fail,
        job.is_plain,
        as_numbers(job.python),
        asked_promise(handover),
        len(recipe.commands),
        len(recipe.deps),
        handover is not None,
    )


def expand(settings: Mapping[str, Any]) -> list[TravisJob]:
    """The jobs of a file, as Travis would make them; at most MOST_JOBS."""
    matrix = as_mapping(settings.get("jobs") or settings.get("matrix"))
    env = as_mapping(settings.get("env"))
    common, variants = _global_and_variants(settings.get("env"), env)
    axes = {axis: as_list(settings.get(axis)) for axis in AXES if axis != "env"}
    axes = {axis: values for axis, values in axes.items() if len(values) > 1 or axis == "python"}
    axes["env"] = variants
    used = {axis: values for axis, values in axes.items() if values}
    base = {key: value for key, value in settings.items() if key not in ("jobs", "matrix", "env")}
    jobs = []
    if used or not as_list(matrix.get("include")):
        product = itertools.product(*used.values()) if used else [()]
        for values in itertools.islice(product, MOST_JOBS):
            jobs.append({**base, **dict(zip(used, values, strict=True))})
    excluded = as_list(matrix.get("exclude"))[:MOST_JOBS]
    jobs = [job for job in jobs if not any(_matches(job, each) for each in excluded)]
    first = {axis: values[0] for axis, values in used.items()}
    for included in as_list(matrix.get("include"))[:MOST_JOBS]:
        own = as_mapping(included)
        inherited = {} if own.get("language") not in (None, base.get("language")) else first
        jobs.append({**base, **inherited, **own})
    allowed = as_list(matrix.get("allow_failures")) + as_list(matrix.get("allowed_failures"))
    allowed = allowed[:MOST_JOBS]
    return [
        TravisJob(job, common | variables(job.get("env")), any(_matches(job, x) for x in allowed))
        for job in jobs
    ]


def _global_and_variants(value: Any, env: dict[str, Any]) -> tuple[dict[str, str], list[Any]]:
    """The variables of every job, and the list of those of one axis."""
    if not env:
        return {}, as_list(value)
    if not {"global", "jobs", "matrix"} & env.keys():
        return variables(env), []
    return variables(env.get("global")), as_list(env.get("jobs") or env.get("matrix"))


def _matches(job: Mapping[str, Any], pattern: Any) -> bool:
    wanted = as_mapping(pattern)
    return bool(wanted) and all(
        variables(job.get(key)) == variables(value)
        if key == "env"
        else as_texts(job.get(key)) == as_texts(value)
        for key, value in wanted.items()
        if key != "if"
    )


def variables(value: Any) -> dict[str, str]:
    """The variables of an `env` value: lines of shell, mappings, lists of either; no secrets."""
    found: dict[str, str] = {}
    for each in as_list(value):
        for name, text in as_mapping(each).items():
            if isinstance(text, str) and name != "secure":
                found[name] = text
        if isinstance(each, str):
            pairs = re.findall(r"""([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S*)""", each)
            found |= {name: text.strip("\"'") for name, text in pairs}
        if isinstance(each, list):
            found |= variables(each)
    return found


def _job_recipe(job: TravisJob, tree: ProjectTree) -> tuple[Recipe, Handover | None]:
    env = {**OF_TRAVIS, **job.env}
    if job.settings.get("python") or job.python:
        named = as_texts(job.settings.get("python"))
        env["TRAVIS_PYTHON_VERSION"] = named[0] if named else str(job.python)
    steps = []
    for name, phase in PHASES:
        lines = as_texts(job.settings.get(name))
        if name == "install" and "install" not in job.settings:
            lines = [DEFAULT_INSTALL] if "requirements.txt" in tree.paths else []
        steps += [Step(phase, line) for line in lines if line.strip() != "skip"]
    recipe, handover = recipe_of(NAME, steps, env, tree)
    if handover:
        handover = Handover(handover.words, {**job.env, **handover.env})
    addons = as_mapping(as_mapping(job.settings.get("addons")).get("apt"))
    packages = tuple(as_texts(addons.get("packages")))
    left_out = [(f"apt {' '.join(packages)}", "packages of the system")] if packages else []
    left_out += [
        (f"services {name}", "services") for name in as_texts(job.settings.get("services"))
    ]
    return (
        replace(
            recipe,
            system=(*recipe.system, *packages),
            left_out=(*recipe.left_out, *left_out),
        ),
        handover,
    )
