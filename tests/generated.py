"""Texts that are made from the code: `python tests/generated.py` writes them anew.

`schemas/README.md` lists every dataset with its columns, `pipelines/README.md` every command with
its flags. `tests/test_generated.py` fails while they are not what this program would write.
"""

import argparse
import os
import sys
from pathlib import Path

import pyarrow as pa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["COLUMNS"] = "100"  # argparse wraps help to the width of the terminal

from pipelines import COMMANDS, cli  # noqa: E402
from schemas import DATASETS  # noqa: E402

NOTE = "<!-- made by `python tests/generated.py`: change the code, not this file -->"


def columns_of_datasets() -> str:
    """schemas/README.md: a table of all datasets, and one of the columns of each."""
    lines = [
        "# Datasets",
        "",
        NOTE,
        "",
        "What a stage writes is Parquet under `DATA/DATASET/`, listed in its `_manifest.json`. In",
        "SQL (`quire sql DATA`, or `DATA/catalog.duckdb`) a dataset is a view of its name, with `_`",
        "for `/`: `rejects/crawl` is `rejects_crawl`.",
        "",
        "| dataset | a row is | written by |",
        "|---|---|---|",
        *(f"| [`{d.name}`](#{anchor(d.name)}) | {d.row} | {d.stage} |" for d in DATASETS),
    ]
    for dataset in DATASETS:
        lines += ["", f"## {dataset.name}", "", f"A row is {dataset.row}.", ""]
        lines += ["| column | type | what it is |", "|---|---|---|"]
        lines += [
            f"| `{field.name}` | {type_name(field.type)} | {dataset.columns[field.name]} |"
            for field in dataset.schema
        ]
    return "\n".join(lines) + "\n"


def anchor(name: str) -> str:
    return name.replace("/", "")


def type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "struct of " + ", ".join(field.name for field in kind)
    return str(kind)


def flags_of_commands() -> str:
    """pipelines/README.md: the help of every command."""
    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "What `quire --help` and `quire COMMAND --help` print.",
        "",
        *fenced(cli.make_parser().format_help()),
    ]
    for command in COMMANDS:
        lines += ["", f"## quire {command.name}", "", *fenced(help_of(command.name))]
    return "\n".join(lines) + "\n"


def help_of(name: str) -> str:
    [commands] = [
        action
        for action in cli.make_parser(name)._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    text: str = commands.choices[name].format_help()
    return text


def fenced(text: str) -> list[str]:
    return ["```", text.rstrip(), "```"]


GENERATED = {
    "schemas/README.md": columns_of_datasets,
    "pipelines/README.md": flags_of_commands,
}

if __name__ == "__main__":
    for path, make in GENERATED.items():
        (ROOT / path).write_text(make())
