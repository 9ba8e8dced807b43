"""The contracts of imports can fail: whatever they or the house forbid is planted, and is seen.

What is planted is an import more in the graph of the real imports; one is planted in a copy of the
files and seen by `lint-imports` itself.
"""

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import api
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

from tests.support.named import BESIDE_STAGES, COMMANDS, PACKAGES, ROOT, STAGES

CONFIGURATION = api.read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS = CONFIGURATION["contracts_options"]
FOLDERS = STAGES | BESIDE_STAGES  # of transforms, of which none may import another
TYPES: dict[str, Any] = {
    "layers": LayersContract,
    "independence": IndependenceContract,
    "forbidden": ForbiddenContract,
}
Plant = tuple[str, str]  # a module, and what it is made to import


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def broken(graph: grimp.ImportGraph) -> set[str]:
    """The names of the contracts that a graph breaks."""
    checks = {
        each["name"]: TYPES[each["type"]](each["name"], CONFIGURATION["session_options"], each)
        for each in CONTRACTS
    }
    return {name for name, check in checks.items() if not check.check(graph, verbose=False).kept}


@contextlib.contextmanager
def planted(graph: grimp.ImportGraph, plant: Plant) -> Iterator[None]:
    importer, imported = plant
    assert not graph.direct_import_exists(importer=importer, imported=imported)
    graph.add_import(importer=importer, imported=imported)
    try:
        yield
    finally:
        graph.remove_import(importer=importer, imported=imported)


def inside(graph: grimp.ImportGraph, expression: str) -> list[str]:
    """A module of each package that a contract names (`transforms.*` names several)."""
    pattern = re.compile(re.escape(expression).replace(r"\*\*", r"[\w.]+").replace(r"\*", r"\w+"))
    named = sorted(module for module in graph.modules if pattern.fullmatch(module))
    assert named, f"{expression}: no such module"
    return [min(graph.find_children(module), default=module) for module in named]


def layers(contract: dict[str, Any]) -> list[list[str]]:
    """The expressions of each layer, the highest first."""
    containers = contract.get("containers", [""])
    rows = [re.findall(r"[\w.*]+", row) for row in contract["layers"]]
    return [
        [f"{container}.{name}".lstrip(".") for container in containers for name in row]
        for row in rows
    ]


def forbidden(graph: grimp.ImportGraph, contract: dict[str, Any]) -> Iterator[Plant]:
    """What a contract should not let pass."""

    def modules(expressions: Iterable[str]) -> list[str]:
        return [module for each in expressions for module in inside(graph, each)]

    if contract["type"] == "layers":
        rows = layers(contract)
        for high, low in itertools.combinations(rows, 2):
            yield from itertools.product(modules(low), modules(high))
        for row, text in zip(rows, contract["layers"], strict=True):
            if "|" in text:  # as `:` they might import one another
                yield from itertools.permutations(modules(row), 2)
    elif contract["type"] == "independence":
        yield from itertools.permutations(modules(contract["modules"]), 2)
    else:
        yield from itertools.product(
            modules(contract["source_modules"]), modules(contract["forbidden_modules"])
        )


def ignored(plant: Plant, contract: dict[str, Any]) -> bool:
    """Whether a contract says that it does not look at an import."""
    sides = [each.split(" -> ") for each in contract.get("ignore_imports", [])]
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]+"), module)
        for importer, imported in sides
        for pattern, module in zip((importer, imported), plant, strict=True)
    )


def test_the_imports_keep_the_contracts(graph: grimp.ImportGraph) -> None:
    assert broken(graph) == set()


def test_the_contracts_list_every_stage_and_command() -> None:
    of_layers, of_commands = ([set(row) for row in layers(each)] for each in CONTRACTS)
    assert {f"transforms.{folder}" for folder in FOLDERS} in of_layers
    assert {f"pipelines.{command}" for command in COMMANDS - {"build"}} in of_commands


@pytest.mark.parametrize("contract", CONTRACTS, ids=[each["name"] for each in CONTRACTS])
def test_a_contract_can_fail(graph: grimp.ImportGraph, contract: dict[str, Any]) -> None:
    plants = [each for each in forbidden(graph, contract) if not ignored(each, contract)]
    assert plants
    for plant in plants:
        with planted(graph, plant):
            assert contract["name"] in broken(graph), plant


def against_the_house() -> Iterator[Plant]:
    """Imports that the house forbids, whatever the contracts say."""
    some = {
        stage: f"transforms.{stage}.{min(p.stem for p in (ROOT / 'transforms' / stage).glob('[a-z]*.py'))}"
        for stage in sorted(FOLDERS)
    }
    yield "schemas.corpus", "transforms.lib.errors"
    yield "schemas.corpus", "pipelines.cli"
    yield "transforms.lib.errors", "pipelines.cli"
    for stage, module in some.items():
        yield "schemas.corpus", module
        yield "transforms.lib.errors", module
        yield module, "pipelines.cli"
        yield module, f"pipelines.{stage}"
        yield from ((module, other) for name, other in some.items() if name != stage)
    yield from itertools.permutations((f"pipelines.{c}" for c in sorted(COMMANDS - {"build"})), 2)


@pytest.mark.parametrize("plant", list(against_the_house()), ids=" -> ".join)
def test_the_contracts_are_those_of_the_house(graph: grimp.ImportGraph, plant: Plant) -> None:
    """schemas <- transforms.lib <- a stage of transforms <- pipelines; stages are independent."""
    with planted(graph, plant):
        assert broken(graph)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    alone = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True)


def test_lint_imports_sees_an_import_in_the_files(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.parquet")
        )
    assert lint(tmp_path).returncode == 0
    with (tmp_path / "schemas" / "corpus.py").open("a") as file:
        file.write(
            "\n\ndef late():\n    from transforms.lib.errors import UsageError\n\n    raise UsageError\n"
        )
    answer = lint(tmp_path)
    assert answer.returncode == 1
    assert "schemas.corpus -> transforms.lib.errors" in answer.stdout
