"""Dataflow's Flex Template: one run of it is one stage, with the stage's flags as parameters.

`python -m pipelines.running.template --metadata > infra/dataflow/metadata.json` writes what
Dataflow shows and checks of the parameters; without it the program is what the template starts.
"""

import argparse
import itertools
import json
import os
import sys
from typing import Any

from pipelines import STAGES, cli
from pipelines.running import dataflow
from transforms.lib.errors import UsageError

NAME = "quire"
DESCRIPTION = (
    "One stage of quire, from datasets at DATA to datasets at DATA. The job commits its datasets "
    "itself; what comes next is the next stage."
)
STAGE = {
    "name": "stage",
    "label": "Stage",
    "helpText": "The stage to run; each reads what those before it have written.",
    "paramType": "ENUM",
    "enumOptions": [{"value": stage, "label": stage} for stage in STAGES],
    "regexes": [f"^({'|'.join(STAGES)})$"],
}
# The first two submit no job, and Dataflow has workers of its own.
UNSUITED = ("help", "dry_run", "workers")
IMAGE = "QUIRE_IMAGE"  # variable of the image: its own name, under which workers find it too


def flags_of(stage: str) -> list[argparse.Action]:
    """The arguments of a stage's command, in the order of its help."""
    [commands] = [
        action
        for action in cli.make_parser(stage)._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return [action for action in commands.choices[stage]._actions if action.dest not in UNSUITED]


def metadata() -> dict[str, Any]:
    """What Dataflow knows of the template: the stage, and each flag that some stage has."""
    taken_by: dict[str, dict[str, argparse.Action]] = {}
    for stage in STAGES:
        for action in flags_of(stage):
            taken_by.setdefault(action.dest, {})[stage] = action
    flags = [_parameter(name, actions) for name, actions in taken_by.items()]
    return {"name": NAME, "description": DESCRIPTION, "parameters": [STAGE, *flags]}


def _parameter(name: str, taken_by: dict[str, argparse.Action]) -> dict[str, Any]:
    """One parameter, made of the flags of that name of all stages."""
    actions = list(taken_by.values())
    helps = dict.fromkeys(str(action.help) % vars(action) for action in actions)
    parameter = {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "helpText": f"{'; '.join(helps)} ({', '.join(taken_by)})",
        "isOptional": len(actions) < len(STAGES) or not all(a.required for a in actions),
        "paramType": "BOOLEAN" if actions[0].nargs == 0 else "TEXT",
    }
    if pattern := _pattern(name, actions):
        parameter["regexes"] = [pattern]
    if len(actions) < len(STAGES):
        parameter |= {"parentName": STAGE["name"], "parentTriggerValues": list(taken_by)}
    return parameter


def _pattern(name: str, actions: list[argparse.Action]) -> str | None:
    """A regular expression that every value matches; None if any value is allowed."""
    if name == "data":
        return "^gs://.+$"
    if actions[0].nargs == 0:
        return "^(true|false)$"
    if all(action.choices for action in actions):
        choices = dict.fromkeys(str(each) for action in actions for each in action.choices or ())
        return f"^({'|'.join(choices)})$"
    return None


def command(arguments: list[str]) -> list[str]:
    """Parameters, as Dataflow passes them, to the command line of quire.

    `--stage=corpus --data=gs://b/run --resume=true` is `corpus gs://b/run --resume`; what is no
    parameter is for Beam; what Beam does not know either is Dataflow's own, and dropped.
    """
    parser = cli.Parser(prog="template", add_help=False, allow_abbrev=False)
    for each in metadata()["parameters"]:
        parser.add_argument(f"--{each['name']}", required=not each.get("isOptional", False))
    known, others = parser.parse_known_args(arguments)
    given = {name: value for name, value in vars(known).items() if value and name != "stage"}
    actions = flags_of(known.stage)
    if strange := given.keys() - {action.dest for action in actions}:
        raise UsageError(f"--{min(strange)}: {known.stage} has no such parameter")
    words = [_words(action, given[action.dest]) for action in actions if action.dest in given]
    return [known.stage, *itertools.chain(*words), *_beam_flags(others)]


def _words(action: argparse.Action, value: str) -> list[str]:
    """One parameter as words of a command line; several values have blanks between them."""
    if not action.option_strings:
        return value.split()
    name = max(action.option_strings, key=len)
    if action.nargs == 0:
        return [name] * (value == "true")
    if action.nargs:
        return [name, *value.split()]
    values = value.split() if isinstance(action, argparse._AppendAction) else [value]
    return [f"{name}={each}" for each in values]


def _beam_flags(others: list[str]) -> list[str]:
    """Those flags that Beam knows, with the runner and the image that this process runs in."""
    known, strange = cli.beam_parser().parse_known_args(others)
    flags = [flag for flag in others if flag not in strange]
    if not known.runner:
        flags.append(f"--runner={dataflow.RUNNER}")
    if not known.sdk_container_image and IMAGE in os.environ:
        flags.append(f"--sdk_container_image={os.environ[IMAGE]}")
    return flags


def main(arguments: list[str] | None = None) -> int:
    """Write the metadata, or run the stage that the parameters name; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments == ["--metadata"]:
        print(json.dumps(metadata(), indent=2))
        return 0
    try:
        line = command(arguments)
    except UsageError as error:
        print(f"quire: {error}", file=sys.stderr)
        return 2
    return cli.main(line)


if __name__ == "__main__":
    sys.exit(main())
