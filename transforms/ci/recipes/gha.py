"""Recipes of GitHub workflows: the job that tests, in the cell of its matrix that is tried."""

import itertools
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from transforms.ci.ci_environment import without_secrets
from transforms.ci.expressions import as_text, filled, is_false, value_of
from transforms.ci.project_tree import ProjectTree
from transforms.ci.python_versions import closeness, named_version
from transforms.ci.recipe import ROOT, TEMPORARY, Recipe
from transforms.ci.steps import (
    RUNNERS,
    TEST,
    Found,
    Handover,
    RunTox,
    Step,
    asked_promise,
    recipe_of,
)
from transforms.ci.yaml_texts import (
    UnreadableConfiguration,
    as_list,
    as_mapping,
    as_texts,
    load_texts,
)

NAME = "gha"
FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
MOST_CELLS = 256  # of one job; GitHub itself stops at 256
MOST_JOBS = 2000  # of one workflow, and of all together
# Jobs and workflows by their names: those that test, and those that do other things.
TESTS = re.compile(r"test|ci\b|unit|main|build|python|tox|pytest|check", re.IGNORECASE)
NO_TESTS = re.compile(
    r"lint|doc|release|publish|deploy|mypy|typ(e|ing)|format|style|bench|codeql|stale|pre-?commit|"
    r"coverage|upload|dependabot|labeler|wheel|sdist|nightly|fuzz",
    re.IGNORECASE,
)
SHELLS = ("bash", "sh")
# Actions that name the interpreter, and those that are part of every job and not worth a word.
SETS_PYTHON = re.compile(
    r"setup-python|setup-uv|setup-pdm|setup-miniconda|setup-micromamba", re.IGNORECASE
)
OF_UV = re.compile(
    r"^\s*uv (?:(?:run|venv|sync)\b.*\s(?:--python|-p)[ =]|python (?:install|pin) )(\d\.\d+)",
    re.MULTILINE,
)
SILENT = re.compile(r"actions/(checkout|cache|setup-python)|astral-sh/setup-uv")
LINUX = {
    "runner": {"os": "Linux", "arch": "X64", "temp": TEMPORARY, "tool_cache": TEMPORARY},
    "github": {"event_name": "push", "workspace": ROOT, "ref": "refs/heads/main"},
}
OF_GITHUB = {
    **{"CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux"},
    **{"GITHUB_WORKSPACE": ROOT, "RUNNER_TEMP": TEMPORARY},
}
# A line that sets a variable of all steps that follow.
SETS_VARIABLE = re.compile(
    r"""^\s*echo\s+["']?([A-Za-z_]\w*)=(.*?)["']?\s*>>\s*["']?\$\{?GITHUB_ENV\}?["']?\s*$""",
    re.MULTILINE,
)
# Inputs of a workflow of another repository that name environments of tox.
TOX_INPUTS = ("env", "envs", "tox-env", "toxenv", "tox_env", "tox-envs", "environments")


@dataclass(frozen=True)
class WorkflowJob:
    """One cell of the matrix of a job, with what its expressions may refer to."""

    workflow: str
    name: str
    settings: Mapping[str, Any]
    env: Mapping[str, str]
    context: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)  # of the `run` steps of all jobs

    @property
    def system(self) -> str:
        """Where it runs, `ubuntu-latest` for one."""
        value = self.settings.get("runs-on")
        names = [filled(text, self.context) for text in as_texts(value)]
        return names[0].lower() if names else "ubuntu-latest"


def workflows(tree: ProjectTree) -> list[str]:
    """The paths of the project's workflows."""
    return sorted(path for path in tree.texts if FILE.fullmatch(path))


def find(tree: ProjectTree, run_tox: RunTox) -> list[Found]:
    """The recipes of a project that has workflows; raises UnreadableConfiguration."""
    return read(tree) if workflows(tree) else []


def read(tree: ProjectTree) -> list[Found]:
    """The recipes of all jobs that test, the most promising first, and their handovers.

    Raises UnreadableConfiguration if no workflow can be read.
    """
    found: list[tuple[tuple, Recipe, Handover | None]] = []
    errors: list[UnreadableConfiguration] = []
    left = MOST_JOBS
    for path in workflows(tree):
        try:
            all_jobs = _jobs(path, as_mapping(load_texts(tree.texts[path])), tree)
            jobs = list(itertools.islice(all_jobs, left))
        except UnreadableConfiguration as error:
            errors.append(error)
            continue
        left -= len(jobs)
        for job in jobs:
            recipe, handover = _job_recipe(job, tree)
            recipe = replace(recipe, jobs=len(jobs))
            if (recipe.runnable or handover) and _may_test(job, recipe, handover):
                found.append((_promise(job, recipe, handover, tree), recipe, handover))
    if errors and not found:
        raise errors[0]
    found.sort(key=lambda each: each[0], reverse=True)
    return [(recipe, handover) for _, recipe, handover in found]


def _may_test(job: WorkflowJob, recipe: Recipe, handover: Handover | None) -> bool:
    """Whether a job tests: one of documentation or a release does if its commands say so."""
    if handover or any(words[:3] in RUNNERS for words in recipe.commands):
        return True
    said = " ".join([*(word for words in recipe.commands for word in words), recipe.script or ""])
    is_about_others = NO_TESTS.search(f"{job.workflow} {job.name}")
    return not is_about_others or "test" in f"{job.name} {said}".lower()


def _promise(
    job: WorkflowJob, recipe: Recipe, handover: Handover | None, tree: ProjectTree
) -> tuple:
    named = f"{job.name} {as_text(job.settings.get('name'))}"
    return (
        "ubuntu" in job.system or "linux" in job.system or job.system == "",
        not NO_TESTS.search(f"{named} {' '.join(handover.words) if handover else ''}"),
        not (handover and NO_TESTS.search(handover.env.get("TOXENV", ""))),
        asked_promise(handover)[0],
        recipe.script is None,
        not any("://" in dep for dep in recipe.deps),
        bool(TESTS.search(named)),
        not NO_TESTS.search(job.workflow),
        not re.search(r"pypy|-dev|t$", as_text(_python(job, tree)[1])),
        closeness(recipe.python_named),
        asked_promise(handover)[1],
        len(recipe.commands),
    )


def _jobs(path: str, workflow: Mapping[str, Any], tree: ProjectTree) -> Iterator[WorkflowJob]:
    """The cells of all jobs of a workflow; those of workflows of the same repository too."""
    common = as_mapping(workflow.get("env"))
    name = path.rpartition("/")[2]
    defaults = as_mapping(as_mapping(workflow.get("defaults")).get("run"))
    for key, value in as_mapping(workflow.get("jobs")).items():
        settings = as_mapping(value)
        for cell in _cells(settings):
            context = {**LINUX, "matrix": cell}
            env = _variables([common, settings.get("env")], context)
            context["env"] = env
            if is_false(settings.get("if"), context):
                continue
            used = as_text(settings.get("uses"))
            if used.startswith("./") and used[2:] in tree.texts:
                inputs = {
                    k: filled(str(v), context) for k, v in as_mapping(settings.get("with")).items()
                }
                inner = as_mapping(load_texts(tree.texts[used[2:]]))
                usual = as_mapping(as_mapping(inner.get("defaults")).get("run"))
                for inner_key, inner_value in as_mapping(inner.get("jobs")).items():
                    own = as_mapping(inner_value)
                    for inner_cell in _cells(own, {"inputs": inputs}):
                        inside = {**context, "matrix": inner_cell, "inputs": inputs}
                        variables = _variables([inner.get("env"), own.get("env")], inside)
                        yield WorkflowJob(name, f"{key} {inner_key}", own, variables, inside, usual)
            else:
                yield WorkflowJob(name, key, settings, env, context, defaults)


def _cells(
    settings: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The cells of a job's matrix, by GitHub's rules for `include` and `exclude`."""
    matrix = as_mapping(settings.get("strategy")).get("matrix")
    if isinstance(matrix, str):
        matrix = value_of(matrix.strip().removeprefix("${{").removesuffix("}}"), context or {})
    matrix = as_mapping(matrix)
    axes = {
        key: _axis(value, context or {})
        for key, value in matrix.items()
        if key not in ("include", "exclude")
    }
    axes = {key: values for key, values in axes.items() if values}
    product = itertools.product(*axes.values()) if axes else []
    cells = [
        dict(zip(axes, values, strict=True)) for values in itertools.islice(product, MOST_CELLS)
    ]
    excluded = [as_mapping(each) for each in as_list(matrix.get("exclude"))]
    cells = [cell for cell in cells if not any(_covers(cell, each) for each in excluded)]
    for each in as_list(matrix.get("include"))[:MOST_CELLS]:
        _include(cells, as_mapping(each), axes)
    return cells or [{}]


def _axis(value: Any, context: Mapping[str, Any]) -> list[Any]:
    if isinstance(value, str) and "${{" in value:
        value = value_of(value.strip().removeprefix("${{").removesuffix("}}"), context)
    return as_list(value)


def _covers(cell: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return bool(pattern) and all(cell.get(key) == value for key, value in pattern.items())


def _include(cells: list[dict[str, Any]], included: dict[str, Any], axes: Mapping) -> None:
    """Add an included cell, or its further keys to the cells that it agrees with."""
    own = {key: value for key, value in included.items() if key in axes}
    agreeing = [cell for cell in cells if _covers(cell, own)] if own else list(cells)
    agreeing = [cell for cell in agreeing if axes and set(axes) <= set(cell)]
    for cell in agreeing:
        cell.update(included)
    if not agreeing:
        cells.append(dict(included))


def _variables(levels: list[Any], context: Mapping[str, Any]) -> dict[str, str]:
    """The variables of several levels, the later ones stronger; none that is a secret."""
    found: dict[str, str] = {}
    for level in levels:
        if isinstance(level, str):
            level = value_of(level.strip().removeprefix("${{").removesuffix("}}"), context)
        for name, value in as_mapping(level).items():
            if isinstance(value, str) and not re.search(r"secrets\s*[.\[]", value):
                found[name] = filled(value, {**context, "env": found})
    return without_secrets(found)


def _python(job: WorkflowJob, tree: ProjectTree) -> tuple[str | None, str]:
    """The interpreter that a job names, as a version and as it stands."""
    for step, known in _steps(job, tree):
        if SETS_PYTHON.search(as_text(step.get("uses"))):
            inputs = as_mapping(step.get("with"))
            named = as_texts(inputs.get("python-version"))
            place = filled(as_text(inputs.get("python-version-file")), known)
            named += [tree.texts.get(place, "")] if place.endswith("python-version") else []
            versions = [filled(line, known) for text in named for line in text.split("\n")]
            # The last of several is the one on PATH.
            text = next((each for each in reversed(versions) if named_version(each)), "")
            if text:
                return named_version(text), text
        if match := OF_UV.search(filled(as_text(step.get("run")), known)):
            return match[1], match[1]
    matrix = as_mapping(job.context.get("matrix"))
    if named_version(job.env.get("UV_PYTHON", "")):
        return named_version(job.env["UV_PYTHON"]), job.env["UV_PYTHON"]
    for key, value in matrix.items():
        if "py" in key.lower() and isinstance(value, str) and named_version(value):
            return named_version(value), value
    container = job.settings.get("container")
    image = as_text(container) or as_text(as_mapping(container).get("image"))
    match = re.search(r"\bpython:(\d\.\d+)", filled(image, job.context))
    return (match[1], match[1]) if match else (None, "")


def _steps(job: WorkflowJob, tree: ProjectTree) -> Iterator[tuple[dict[str, Any], Mapping]]:
    """The steps of a job that are not known to be left out, each with its context.

    Those of an action of the project itself stand in place of the step that uses it.
    """
    for value in as_list(job.settings.get("steps")):
        step = as_mapping(value)
        if is_false(step.get("if"), job.context):
            continue
        used = as_text(step.get("uses"))
        place = posixpath.normpath(used) if used.startswith("./") else ""
        text = tree.texts.get(f"{place}/action.yml") or tree.texts.get(f"{place}/action.yaml")
        if not place or text is None:
            yield step, job.context
            continue
        action = as_mapping(load_texts(text))
        given = {
            key: filled(str(v), job.context) for key, v in as_mapping(step.get("with")).items()
        }
        inputs = {
            key: as_text(as_mapping(each).get("default"))
            for key, each in as_mapping(action.get("inputs")).items()
        }
        context = {**job.context, "inputs": inputs | given}
        for inner in as_list(as_mapping(action.get("runs")).get("steps")):
            if not is_false(as_mapping(inner).get("if"), context):
                yield as_mapping(inner), context


def _job_recipe(job: WorkflowJob, tree: ProjectTree) -> tuple[Recipe, Handover | None]:
    used = as_text(job.settings.get("uses"))
    if used:
        return _of_other_repository(job, used)
    own = as_mapping(as_mapping(job.settings.get("defaults")).get("run"))
    defaults = {**job.defaults, **own}
    steps, left_out, env = [], [], dict(job.env)
    for step, known in _steps(job, tree):
        action, script = as_text(step.get("uses")), step.get("run")
        if action and not SILENT.search(action):
            left_out.append((f"uses {action}", "an action of another repository"))
        if not isinstance(script, str):
            continue
        shell = filled(as_text(step.get("shell") or defaults.get("shell") or "bash"), known)
        if shell.split(" ")[0] not in SHELLS:
            left_out.append((script.strip()[:200], f"shell {shell}"))
            continue
        place = as_text(step.get("working-directory") or defaults.get("working-directory"))
        context = {**known, "env": env}
        variables = _variables([step.get("env")], context)
        context["env"] = env | variables
        script = filled(script, context)
        folder = _folder(filled(place, context))
        steps.append(Step(TEST, script, env | variables, folder, own_shell=True))
        found = dict(SETS_VARIABLE.findall(script))
        env |= without_secrets({name: value for name, value in found.items() if "$" not in value})
    recipe, handover = recipe_of(NAME, steps, {**OF_GITHUB, **job.env}, tree)
    if handover:
        handover = Handover(handover.words, {**job.env, **handover.env})
    named = _python(job, tree)[0]
    left_out += [
        (f"services {name}", "services") for name in as_mapping(job.settings.get("services"))
    ]
    return replace(recipe, python_named=named, left_out=(*recipe.left_out, *left_out)), handover


def _folder(place: str) -> str:
    """A working directory, relative to the top of the tree."""
    return posixpath.normpath(place.removeprefix(ROOT).lstrip("/") or ".")


def _of_other_repository(job: WorkflowJob, used: str) -> tuple[Recipe, Handover | None]:
    """A job whose steps are elsewhere: only the environments of tox that it names are known."""
    recipe = Recipe(NAME, left_out=((f"uses {used}", "a workflow of another repository"),))
    inputs = as_mapping(job.settings.get("with"))
    system = next((as_text(inputs[key]) for key in ("os", "runs-on") if key in inputs), "")
    names = next((filled(str(inputs[key]), job.context) for key in TOX_INPUTS if key in inputs), "")
    try:
        listed = as_texts(json.loads(names))
    except (ValueError, RecursionError):
        listed = re.split(r"[,\s]+", names)
    if not any(listed) or "tox" not in used or re.search("windows|macos", system):
        return recipe, None
    listed.sort(key=lambda name: closeness(named_version(name)), reverse=True)
    words = ("tox", "-e", ",".join(listed))
    return replace(recipe, python_named=named_version(listed[0])), Handover(words, job.env)
