"""tox reads its own configuration inside the sandbox, for that may run code of the project."""

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution

from transforms.ci.project_sandbox import drive
from transforms.ci.recipe import TREE
from transforms.ci.recipes.tox import TREE_LINE
from transforms.ci.steps import RunTox
from transforms.ci.yaml_texts import UnreadableConfiguration
from transforms.lib.archives.pack import tar_of
from transforms.lib.sandbox import Sandbox
from transforms.lib.sandbox.interpreter import interpreter

SECONDS = 30  # of one question; real ones take one or two
MEMORY = 2 << 30


def tox_inside(sandbox: Sandbox) -> RunTox:
    """A function that runs tox on a tree of texts, and returns what it printed.

    It raises UnreadableConfiguration if tox comes to no end.
    """
    libraries = os.path.realpath(str(distribution("tox").locate_file("")))

    def run(texts: Mapping[str, str], arguments: Sequence[str]) -> str:
        contents = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
        order = {
            "do": "run",
            "commands": [[interpreter().binary, "-m", "tox", *arguments]],
            "seconds": SECONDS,
            "env": {"PYTHONPATH": libraries, "TOX_USER_CONFIG_FILE": "/nowhere"},
        }
        answer = drive(
            sandbox,
            order,
            {"tree": tar_of(contents)},
            readable=[libraries],
            seconds=SECONDS + 10,
            memory=MEMORY,
        )
        outputs, limits = (answer.result.get(name) for name in ("outputs", "limits"))
        if answer.failure or not isinstance(outputs, list) or len(outputs) != 1:
            raise UnreadableConfiguration(f"tox was ended: {answer.failure}")
        if limits != [None]:
            raise UnreadableConfiguration(f"tox took over {SECONDS} seconds")
        return f"{TREE_LINE}{TREE}\n{outputs[0]}"

    return run
