"""`eval_tasks`: each evaluation task, how it was checked, and whether it is clean."""

import pyarrow as pa

from schemas.dataset import dataset

EVAL_TASKS = dataset(
    "eval_tasks",
    "contamination",
    "one evaluation task: what can be checked, what was found, and whether it is clean",
    ("suite", pa.string(), "the evaluation set, as --eval names it"),
    ("version", pa.string(), "its release, where it is known"),
    ("split", pa.string(), "the set's own split"),
    ("task_id", pa.string(), "the task"),
    ("entry_point", pa.string(), "the function that the task asks for"),
    ("licence", pa.string(), "the set's licence"),
    ("sha256", pa.string(), "hex digest of the task"),
    ("doc", pa.string(), "channel D (documentation): checked, or why not (empty, short)"),
    ("tests", pa.string(), "channel T (tests): checked, or why not"),
    ("code", pa.string(), "channel C (code): checked, or why not (short, without common n-grams)"),
    ("tree", pa.string(), "channel A (syntax tree): checked, or why not"),
    ("name", pa.string(), "channel N (name): checked, or why not (empty, common)"),
    ("hits", pa.int64(), "texts with the verdict hit"),
    ("reviews", pa.int64(), "texts with the verdict review"),
    ("hits_doc", pa.int64(), "hits with evidence in channel D"),
    ("hits_tests", pa.int64(), "hits with evidence in channel T"),
    ("hits_code", pa.int64(), "hits with evidence in channel C"),
    ("hits_tree", pa.int64(), "hits with evidence in channel A"),
    ("hits_exact", pa.int64(), "hits with the exact text, channel X"),
    ("names", pa.int64(), "texts that define a function of its name, with any verdict"),
    ("clean", pa.bool_(), "no hit; null where no channel can check it"),
)
