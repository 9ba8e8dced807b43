"""APPS (arXiv:2105.09938): train.jsonl or test.jsonl, or the folder of its archive."""

import os
from collections.abc import Iterator

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets.eval_task import EvalTask, starter_name
from transforms.lib.records.record import Record, read_records

LICENCE = "MIT"


def task(record: Record, suite: str) -> EvalTask:
    """The task of a problem; its tests are the JSON of its inputs and outputs."""
    starter = record.optional("starter_code")
    return EvalTask(
        suite=suite,
        version="",
        split=record.optional("split") or _split(record.path),
        task_id=f"APPS/{record.text('problem_id', 'id')}",
        entry_point=starter_name(starter),
        prompt=record.text("question"),
        doc=record.text("question"),
        signature=starter.strip(),
        solutions=record.texts("solutions"),
        tests=record.optional("input_output"),
        test="",
        licence=LICENCE,
    )


def _split(path: str) -> str:
    stem = os.path.basename(path).split(".")[0]
    return stem if stem in ("train", "test") else ""


def records(path: str) -> Iterator[Record]:
    """The records of a file, or of the folders PATH/{train,test}/NNNN/ or PATH/NNNN/.

    Raises UsageError if a folder holds no problem or a file is not UTF-8.
    """
    return _folder(path) if os.path.isdir(path) else read_records(path)


def _folder(path: str) -> Iterator[Record]:
    folders = sorted(folder for folder, _, names in os.walk(path) if "question.txt" in names)
    if not folders:
        raise UsageError(f"{path}: no problems here (folders with question.txt)")
    for folder in folders:
        split = _split(os.path.dirname(folder))
        values = {"problem_id": f"{split}/{os.path.basename(folder)}".lstrip("/"), "split": split}
        for name in ("question.txt", "solutions.json", "input_output.json", "starter_code.py"):
            file = os.path.join(folder, name)
            if os.path.exists(file):
                values[name.split(".")[0]] = _text(file)
        yield Record(folder, "question.txt", values)


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: not a readable UTF-8 file") from error
