"""Sections of the card on how the data came about: commands, the funnel, filters, duplicates."""

from collections.abc import Iterator

from transforms.report.card.markdown_text import code, plain, sentence, table
from transforms.report.card.subject import Subject, settings_shown

RUNS_QUERY = """
SELECT stage, arg_max(settings, run), arg_max(version, run), arg_max(runner, run) FROM runs
GROUP BY stage ORDER BY max(run)
"""
VERSIONS_QUERY = "SELECT arg_max(versions, run) FROM runs"
REASONS_QUERY = "SELECT reason, count(*) FROM rejects_corpus GROUP BY reason"
MEMBERS_QUERY = "SELECT count(*) FROM clusters WHERE kind = '{}'"


def what_it_is(subject: Subject) -> Iterator[str]:
    """What there is: a line for each configuration."""
    yield (
        "Training data for code models, made of public Python projects by `quire`. Each row says "
        "which project, version and file it comes from, and under which licence that is.\n"
    )
    rows = [
        (
            code(config.name),
            sentence(config.dataset.row),
            config.rows,
            ", ".join(config.splits),
            f"{config.size / 1e6:,.1f}",
        )
        for config in subject.configs
    ]
    yield from table(("configuration", "a row is", "rows", "splits", "MB"), rows)


def how_it_was_made(subject: Subject) -> Iterator[str]:
    """The last run of each stage with its settings, or else the versions in the manifests."""
    runs = subject.ask(RUNS_QUERY)
    if runs:
        rows = [
            (code(f"quire {stage}"), settings_shown(settings or "{}"), version, runner)
            for stage, settings, version, runner in runs
        ]
        yield "The last run of each stage; settings that are not shown had their defaults.\n"
        yield from table(("stage", "settings", "quire", "runner"), rows)
        ((versions,),) = subject.ask(VERSIONS_QUERY)
        yield f"\nThe last of them ran with {plain(', '.join(versions or []))}."
    else:
        yield "No record of the runs is there; each `_manifest.json` says which quire wrote it."


def funnel(subject: Subject) -> Iterator[str]:
    """Where every file and problem went."""
    yield "What each stage read, dropped and kept; a dropped row counts below zero.\n"
    yield from table(("stage", "step", "rows"), subject.ask("funnel"))


def filters(subject: Subject) -> Iterator[str]:
    """The rule of each filter, and how many files it dropped."""
    if "corpus" not in subject.committed:
        yield "No corpus was made here."
        return
    dropped: dict[str, int] = dict(subject.ask(REASONS_QUERY))
    rows = [
        (
            code(reason),
            sentence(rule),
            sum(n for name, n in dropped.items() if f"{name}_".startswith(f"{reason}_")),
        )
        for reason, rule in subject.filters
    ]
    yield from table(("reason", "a file is dropped if", "files dropped"), rows)


def duplicates(subject: Subject) -> Iterator[str]:
    """How many files were dropped in favour of others."""
    exact, near = (subject.number(MEMBERS_QUERY.format(kind)) for kind in ("exact", "near"))
    groups = subject.number(MEMBERS_QUERY.format("representative"))
    yield (
        f"{groups:,} files stand for others, which were dropped: {exact:,} with the same bytes of "
        f"text as the file that stands for them, and {near:,} near duplicates of it (MinHash of "
        "word 5-grams, verified, Jaccard 0.7 or more). Of duplicates "
        "the one is kept that has a permissive licence, more stars, or more text, in this order."
    )
