"""Sections of the card for who uses the data: how to load it, problems, limits, columns."""

from collections.abc import Iterator

from transforms.report.card.markdown_text import code, sentence, table
from transforms.report.card.subject import Subject

PROBLEMS_QUERY = """
SELECT source, kind, count(*), median(n_tests)::BIGINT, round(100 * avg(killed), 1)
FROM problems GROUP BY source, kind ORDER BY source, kind
"""
LOADING = """```python
from datasets import load_dataset

rows = load_dataset("DATA", "{name}", split="{split}", streaming=True)
```

`DATA` is this folder, or its name on the Hub. Any other reader of Parquet reads it, too; with quire
installed, `quire sql DATA` asks it in SQL, and `quire check DATA` checks every file's digest."""
LIMITS = """- Licences are those of whole projects; a file may have come from elsewhere.
- A split is by repository. Where a configuration has the split `train` alone, a column `split` may
  still say `validation`: those rows are not to be trained on.
- Near duplicates below the threshold stay, and so do copies under other names of variables.
- Filters go by the form of a file alone: nobody has judged whether code is right, safe or good.
- A docstring may say what its function does not do. Problems were run, functions
  were not."""


def loading(subject: Subject) -> Iterator[str]:
    """How to load the default configuration."""
    for config in subject.configs[:1]:
        yield LOADING.format(name=config.name, split=next(iter(config.splits)))


def problems(subject: Subject) -> Iterator[str]:
    """The verified problems by source, with what their tests are worth."""
    found = subject.ask(PROBLEMS_QUERY)
    if not found:
        yield "There are no verified problems here."
        return
    yield (
        "The reference solution of each problem passes its tests in every run, and an empty one "
        "fails. Mutants are wrong programs made of right ones: the more of them tests tell from "
        "right, the stronger they are.\n"
    )
    head = ("source", "kind", "problems", "tests (median)", "mutants killed, %")
    yield from table(head, found)
    unverified = subject.committed & {"contest_problems", "ci_problems"}
    if unverified:
        names = " and ".join(code(name) for name in sorted(unverified))
        yield f"\nProblems of {names} are as they were made: not all of them hold."


def limits(_: Subject) -> Iterator[str]:
    """What the data is not."""
    yield LIMITS


def columns(subject: Subject) -> Iterator[str]:
    """The columns of each configuration, folded."""
    for config in subject.configs:
        schema, meanings = config.dataset.schema, config.dataset.columns
        yield f"<details><summary>{config.name}: {len(schema)} columns</summary>\n"
        rows = [
            (code(field.name), code(str(field.type)), sentence(meanings[field.name]))
            for field in schema
        ]
        yield from table(("column", "type", "it is"), rows)
        yield "\n</details>\n"
