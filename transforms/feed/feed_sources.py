"""The datasets that feed is made of: their columns, and which rows are worth training on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transforms.lib.detection.policy import DROP

Row = dict[str, Any]
Reason = tuple[str, str]  # why a row is dropped, and the value behind it

LEAST_DOCSTRING_WORDS = 4  # `Return the name.` says no more than the function's name
ANY_LANGUAGE = "any"
# Of a problem these, with line breaks between, are the text that contamination has checked.
PROBLEM_TEXT = ("prompt", "canonical_solution", "test")


@dataclass(frozen=True)
class FeedSource:
    """One dataset that examples are made of.

    - `columns`: what is read of it; `texts`: those of them that are long.
    - `source_id`: the column that names a row.
    - `kind`, `label`: the columns that become `kind` and `name` of an example; None for none.
    - `prompt`, `completion`: the columns that become these; without a prompt it is empty.
    - `reason`: why a row is not worth training on, given its short columns and the language that
      docstrings are to have; None if it is.
    - `checked`: the columns that are, with `glue` between, the text that contamination has checked.
    - `found`: columns that rows get beside those that are read: what `secrets` says of them.
    """

    name: str
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    source_id: str
    kind: str | None
    label: str | None
    prompt: str | None
    completion: str
    reason: Callable[[Row, str], Reason | None]
    checked: tuple[str, ...]
    glue: str = ""
    found: tuple[str, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that an example has the texts of."""
        return (*filter(None, [self.prompt]), self.completion)

    def short_columns(self) -> list[str]:
        """The columns that are not long."""
        return [name for name in (*self.columns, *self.found) if name not in self.texts]


def file_reason(row: Row, language: str) -> Reason | None:
    """Why a file of `corpus`, which has passed its filters, is left out: another represents it."""
    return ("duplicate_file", row["duplicate_of"]) if row["duplicate_of"] else None


def function_reason(row: Row, language: str) -> Reason | None:
    """Why a function is not worth training on, by the usual choice (Codex section 4.1).

    >>> row = {"is_test": False, "is_dunder": False, "body_is_stub": True}
    >>> function_reason(row, "en")
    ('stub', '')
    """
    for column, reason in (("is_test", "test"), ("is_dunder", "dunder"), ("body_is_stub", "stub")):
        if row[column]:
            return reason, ""
    if row["docstring_words"] < LEAST_DOCSTRING_WORDS:
        return "short_docstring", str(row["docstring_words"])
    if language not in (ANY_LANGUAGE, found := row["docstring_language"] or language):
        return "docstring_language", found
    if duplicate := row["exact_duplicate_of"] or row["near_duplicate_of"]:
        return "duplicate_function", duplicate
    return None


def problem_reason(row: Row, language: str) -> Reason | None:
    """Why a problem that holds is not trained on: nobody may pass its statement on."""
    return None if row["redistributable"] else ("not_redistributable", row["licence_spdx"] or "")


def secret_reason(row: Row) -> Reason | None:
    """Why a row is left out that holds secrets: the policy of `secrets` is to drop it.

    The value has the kinds of the secrets, never these; of a file also how many there are.
    """
    if row["secrets_action"] != DROP:
        return None
    return "secret", row.get("secrets_found") or ", ".join(row["secret_kinds"])


PLACE = ("repo", "path", "commit", "licence_spdx")
HELD = ("secret_kinds", "secrets_action")  # what a row says of the secrets in it
FILES = FeedSource(
    "corpus",
    (*PLACE, "sha256", "split", "duplicate_of", "content"),
    ("content",),
    source_id="sha256",
    kind=None,
    label=None,
    prompt=None,
    completion="content",
    reason=file_reason,
    checked=("content",),
    found=(*HELD, "secrets_found"),
)
FUNCTIONS = FeedSource(
    "functions",
    (
        *(*PLACE, "sha256", "split", "function_id", "qualname", "kind", "indent"),
        *("self_contained", "is_test", "is_dunder", "body_is_stub", "docstring_words"),
        *("docstring_language", "exact_duplicate_of", "near_duplicate_of"),
        *("masked_sha256", *HELD),
        *("humaneval_prompt", "humaneval_body", "prompt", "body"),
    ),
    ("humaneval_prompt", "humaneval_body", "prompt", "body"),
    source_id="function_id",
    kind="kind",
    label="qualname",
    prompt="humaneval_prompt",
    completion="humaneval_body",
    reason=function_reason,
    checked=("prompt", "body"),
)
PROBLEMS = FeedSource(
    "problems",
    (
        *(*PLACE, "problem_id", "source", "title", "slug", "url", "redistributable", "difficulty"),
        *("kind", "entry_point", "compare", "tolerance", "level", "environment", "requires"),
        *("needs_picture", *HELD, "harness", "tests", *PROBLEM_TEXT),
    ),
    ("harness", "tests", *PROBLEM_TEXT),
    source_id="problem_id",
    kind="kind",
    label="entry_point",
    prompt="prompt",
    completion="canonical_solution",
    reason=problem_reason,
    checked=PROBLEM_TEXT,
    glue="\n",
)
SOURCES = {source.name: source for source in (FILES, FUNCTIONS, PROBLEMS)}


def strings(batch: pa.RecordBatch, name: str | None) -> pa.Array:
    """A column of texts; nulls where there is no such column."""
    if name is None or name not in batch.schema.names:
        return pa.nulls(len(batch), pa.string())
    return batch[name]
