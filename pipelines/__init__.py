"""In which order: wiring only, one file per command, and the list of all commands."""

import logging
import sys
from typing import Literal, NamedTuple

from pipelines.running import interruption

if sys.argv[0].endswith("/quire"):  # before the imports that take time
    interruption.listen()
# Beam warns at import of extras that quire does not use; errors still reach the user.
logging.getLogger().setLevel(logging.ERROR)

Kind = Literal["build", "stage", "stage on request", "samples", "tool"]


class Command(NamedTuple):
    """One command of the command line; its code is `pipelines/NAME.py`.

    `kind` is one of:

    - `build`: runs the stages in the order of COMMANDS;
    - `stage`: reads datasets under DATA and writes datasets under DATA;
    - `stage on request`: a stage that `build` runs only if problems are asked for;
    - `samples`: works on samples of a model; DATA is a flag, or not needed;
    - `tool`: reads DATA and runs no pipeline.
    """

    name: str
    kind: Kind
    help: str

    @property
    def is_stage(self) -> bool:
        """Whether it works on DATA as a step of `build`."""
        return self.kind in ("stage", "stage on request")


# The one list of commands. A new command is one file beside this one, and one line here: the
# parser, `build`, Dataflow's template, README's table and the import contracts follow from it.
COMMANDS = (
    Command("build", "build", "the stages in order; without SOURCE a built-in list of releases"),
    Command("crawl", "stage", "fetch projects: repositories, files, ci_configs"),
    Command("corpus", "stage", "filter and deduplicate files: signals, corpus"),
    Command("secrets", "stage", "find keys, passwords and addresses in files: secrets"),
    Command("functions", "stage", "extract functions with docstrings: functions"),
    Command(
        "contests",
        "stage on request",
        "make problems from contests and courses: contest_problems, contest_sources",
    ),
    Command(
        "ci",
        "stage on request",
        "make problems from projects' own tests: recipes, environments, calls, ci_problems",
    ),
    Command(
        "strengthen",
        "stage on request",
        "make more tests for problems, judged by mutants and wrong programs: tests, strength",
    ),
    Command(
        "verify", "stage on request", "run problems and keep those that hold: problems, verdicts"
    ),
    Command(
        "contamination",
        "stage",
        "compare texts with evaluation sets: hits, eval_tasks, removed, a report",
    ),
    Command(
        "feed",
        "stage",
        "make what trainers read: examples in a seeded order, tokens, exports",
    ),
    Command("sample", "samples", "draw completions of tasks from a model's endpoint"),
    Command("evaluate", "samples", "run samples of evaluation tasks: pass@k, verdicts, scores"),
    Command("stoplist", "tool", "count what is common in code, for contamination --stoplist"),
    Command("remove", "tool", "take rows out of every dataset, and keep a log of it"),
    Command("check", "tool", "check every shard against its manifest"),
    Command("report", "tool", "show what DATA holds, and was dropped: a page, card or notebook"),
    Command("diff", "tool", "say what two runs kept, dropped and changed differently, and why"),
    Command("sql", "tool", "ask DATA in SQL, or run one of the queries that come with quire"),
)
STAGES = tuple(command.name for command in COMMANDS if command.is_stage)
ON_REQUEST = tuple(c.name for c in COMMANDS if c.kind == "stage on request")
