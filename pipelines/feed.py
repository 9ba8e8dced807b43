"""feed: what was built to training examples in a seeded order, files of tokens, and exports."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from pipelines.running.flags import add_opt_out, positive_number, share
from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.opting_out import asked, obeyed, say_unmatched
from pipelines.running.run_stage import run_stage
from schemas import DATASETS as ALL_DATASETS
from transforms.feed import DATASETS, STAGE
from transforms.feed.exports import EXPORTS
from transforms.feed.feed_sources import ANY_LANGUAGE, SOURCES
from transforms.feed.mixture import read_mix
from transforms.feed.removals import read_removals
from transforms.feed.selection import Selection
from transforms.feed.settings import NONE, FeedSettings
from transforms.feed.training_recipe import RECIPE_FILE, recipes
from transforms.feed.training_texts import training_texts
from transforms.feed.units import RowUnit, plan_feed
from transforms.lib import VERSION
from transforms.lib.detection.policy import DROP, MASK, REPORT, Policy, read_policy
from transforms.lib.detection.same_secrets import (
    require_same_corpus,
    require_same_inputs,
    require_same_secrets,
)
from transforms.lib.errors import UsageError
from transforms.lib.rights.known_rows import with_files
from transforms.lib.rights.left_opt_outs import leave_opt_outs
from transforms.lib.rights.library_files import with_libraries
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import (
    committed_rows,
    obsolete_file,
    read_manifest,
    replacing_file,
)
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from transforms.feed.chosen_tokenizer import ChosenTokenizer
    from transforms.feed.stage import FeedExamples

DEFAULT = "p50k_base"  # Codex's own
SPLITS = ("train", "validation", "all")
MOST_TOKENS = 2**20  # of a window: no model reads as many
LANGUAGE = re.compile("[a-z]{2,3}")
UNVERIFIED = ("contest_problems", "ci_problems")  # of which `problems` are made
HELD = """SELECT kind, count(*) FROM (SELECT unnest(secret_kinds) AS kind FROM examples)
GROUP BY 1 ORDER BY 2 DESC, 1"""
HOLDING = "SELECT count(*) FROM examples WHERE len(secret_kinds) > 0"
# What is done about secrets, at the end of the summary.
DONE_ABOUT = {
    REPORT: "to mask them: {again}",
    MASK: "masked: {kinds}",
    DROP: "left out is what holds {kinds}",
}
EPILOG = f"""Left out are repositories of the other split, what --opt-out and `removed` list
(`quire contamination --policy drop` writes it), tests, stubs, dunders, duplicates among functions
and files, docstrings of fewer than 4 words or in another language, problems that may not be passed
on, what `quire secrets --policy drop` is to drop. Each is a row of rejects/feed with its reason.

exports, under DATA/exports:
{chr(10).join(f"  {export.name:8} {export.help}" for export in EXPORTS)}

examples:
  quire feed ./data                                examples, and tokens by p50k_base
  quire feed ./data --window 2048 --fim 0.5        packed windows; half of the files to fill in
  quire feed ./data --mix corpus=0 --to sft        functions and problems alone, also for TRL
  quire feed ./data --train-tokenizer 16384        tokens of a tokenizer of one's own
  quire feed ./data --opt-out opt_outs.txt         with lines such as flask, octo/cat or octo/
  quire sql ./data tokens                          how many, and what tokens for blanks save
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    _add_of_tokens(parser)
    parser.add_argument(
        "--to",
        action="append",
        choices=[export.name for export in EXPORTS],
        default=[],
        metavar="EXPORT",
        help="an export, see below; may be given several times",
    )
    _add_of_rows(parser)


def _add_of_tokens(parser: ArgumentParser) -> None:
    """The flags that say how examples become tokens."""
    parser.add_argument(
        "--tokenizer",
        metavar="NAME|PATH",
        help="p50k_base (default: Codex's own), r50k_base, a tokenizer.json, or none for no tokens",
    )
    parser.add_argument(
        "--train-tokenizer",
        type=positive_number,
        metavar="N",
        help="train a byte-level BPE of N tokens on DATA, and use it",
    )
    parser.add_argument(
        "--window", type=_window, metavar="N", help="pack documents into windows of N tokens"
    )
    parser.add_argument(
        "--packing",
        choices=("best-fit", "cut"),
        help="best-fit: cut no document that fits (default); cut: fill windows one after another",
    )
    parser.add_argument(
        "--fim",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="share of files for fill-in-the-middle: their middle comes last (default: 0)",
    )


def _add_of_rows(parser: ArgumentParser) -> None:
    """The flags that say which rows are examples, how often, and in which order."""
    parser.add_argument(
        "--mix",
        default="",
        metavar="SOURCE=WEIGHT,…",
        help="how often the rows of corpus, functions, problems are in the feed (default: once)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the order (default: 0)"
    )
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="train",
        help="the repositories to take (default: train); with all, each shard is of one split",
    )
    parser.add_argument(
        "--language",
        default="en",
        type=_language,
        metavar="CODE",
        help=f"of docstrings, as ISO 639 has it (default: en), or {ANY_LANGUAGE}",
    )
    add_opt_out(parser)


def _window(text: str) -> int:
    """The value of --window."""
    if (tokens := positive_number(text)) > MOST_TOKENS:
        raise ArgumentTypeError(f"{text!r} is more than {MOST_TOKENS:,} tokens")
    return tokens


def _language(text: str) -> str:
    """The value of --language."""
    if not LANGUAGE.fullmatch(text.lower()):
        raise ArgumentTypeError(f"{text!r} is no code of ISO 639, such as en, nor {ANY_LANGUAGE}")
    return text.lower()


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, partial(_finish, asked(options)))


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `corpus`, `functions` and `problems`, as far as they are here."""
    _refuse_contradictions(options)
    weights = read_mix(options.mix, _sources(data))
    # Its kernels take a while to load: a wrong flag is reported before that.
    from transforms.feed.chosen_tokenizer import choose_tokenizer

    name = options.tokenizer or DEFAULT
    tokenizer = choose_tokenizer(name, options.train_tokenizer, fim=options.fim > 0)
    _refuse_stale_secrets(data, weights)
    planned = plan_feed(data, weights)
    units = list(limited(planned.units, options))
    settings = _settings(options, weights, planned.shards, tokenizer)
    datasets = _datasets(settings)
    _refuse_foreign(data, datasets)
    # Here, so that a damaged shard of `removed` is told at once.
    own = asked(options)
    opt_outs = with_libraries(data, with_files(data, obeyed(data, own), ["corpus"]))
    selection = Selection(settings, opt_outs, read_removals(data))
    inputs = read_inputs(data, [*weights, "removed", "secrets"])
    listed = sorted(own.entries)

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FeedExamples":
        from transforms.feed.stage import FeedExamples

        return FeedExamples(plan, config, datasets, settings)

    return Job(
        datasets,
        config_of([VERSION, planned.inputs, inputs, options.limit, asdict(settings), listed]),
        units,
        transform,
        f"feed: {len(units)} units into {planned.shards} shards, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=len(units) + planned.shards,
        begin=partial(_begin, tokenizer, selection, units),
        inputs=inputs,
        obsolete=[d.name for d in ALL_DATASETS if d.stage == STAGE and d.name not in datasets],
    )


def _refuse_stale_secrets(data: Storage, sources: Collection[str]) -> None:
    """Raises UsageError if a source was made before `secrets`, or before its policy was another."""
    require_same_corpus(data)
    require_same_secrets(data, [name for name in sources if name == "functions"])
    if "problems" in sources:
        require_same_secrets(data, UNVERIFIED)
        require_same_inputs(data, "problems", UNVERIFIED)


def _settings(
    options: Namespace, weights: dict[str, float], shards: int, tokenizer: "ChosenTokenizer | None"
) -> FeedSettings:
    return FeedSettings(
        weights,
        shards,
        options.seed,
        options.split,
        options.language,
        tokenizer.version if tokenizer else NONE,
        options.window,
        options.packing or "best-fit",
        options.fim,
        tuple(sorted(set(options.to))),
    )


def _begin(
    tokenizer: "ChosenTokenizer | None", selection: Selection, units: list[RowUnit], stage: Stage
) -> None:
    """Leave what workers read beside their units, and what the commit is to do."""
    data = stage.data
    # Shards wait beside the work: what is there until the commit is of one run, or none.
    data.put(replacing_file(STAGE), stage.config.encode())
    others = [d.name for d in ALL_DATASETS if d.stage == STAGE and d.name not in stage.datasets]
    data.put_json(obsolete_file(STAGE), others)
    leave_opt_outs(data, STAGE, selection.opt_outs)
    data.put_json(RECIPE_FILE, recipes())
    if tokenizer:
        from transforms.feed.chosen_tokenizer import put_tokenizer

        put_tokenizer(
            data, tokenizer, stage.config, lambda: _training_texts(data, units, selection)
        )


def _training_texts(data: Storage, units: list[RowUnit], selection: Selection) -> Iterator[str]:
    print("feed: training a tokenizer", file=sys.stderr)
    return training_texts(data, units, selection)


def _refuse_contradictions(options: Namespace) -> None:
    """Raises UsageError for flags of which one would do nothing."""
    if options.tokenizer and options.train_tokenizer:
        raise UsageError("--tokenizer and --train-tokenizer: one of them, or neither")
    if options.packing and not options.window:
        raise UsageError("--packing says how --window N packs; give that, too")
    if options.tokenizer == NONE and (options.window or options.fim):
        raise UsageError("--window and --fim are about tokens; --tokenizer none writes none")


def _sources(data: Storage) -> list[str]:
    """The sources that are here. Raises UsageError if none is."""
    found = [name for name in SOURCES if read_manifest(data, name)]
    if not found:
        raise UsageError(
            f"{data.path()}: nothing to feed, neither `corpus` nor `functions` nor `problems`; "
            f"run `quire build {data.root}` first"
        )
    return found


def _datasets(settings: FeedSettings) -> tuple[str, ...]:
    """The datasets that a run writes."""
    tokens = [] if settings.tokenizer == NONE else ["tokens"]
    exports = [export.dataset.name for export in EXPORTS if export.name in settings.exports]
    return (*DATASETS, *tokens, *exports)


def _refuse_foreign(data: Storage, datasets: Iterable[str]) -> None:
    """Raises UsageError if a dataset would be written where there are files of somebody else's."""
    for name in datasets:
        if not read_manifest(data, name) and data.list(name, recursive=True):
            raise UsageError(
                f"{data.path(name)}: holds files that are not quire's; move them elsewhere"
            )


def _finish(opt_outs: OptOuts, data: Storage) -> int:
    """Say what was written, what was left out, and which opt-outs concern no row."""
    written = committed_rows(data, [d.name for d in ALL_DATASETS if d.stage == STAGE])
    with connect(data) as connection:
        examples = _counted(connection, "examples", "source")
        rejects = _counted(connection, "rejects_feed", "reason")
        held = _told_secrets(connection, data)
    print(
        f"feed: {written['examples']:,} examples{examples}, "
        f"{written['rejects/feed']:,} rows left out{rejects}",
        file=sys.stderr,
    )
    for name, rows in written.items():
        if name.startswith("exports/") and read_manifest(data, name):
            print(f"feed: {rows:,} rows in {data.path(name)}", file=sys.stderr)
    say_unmatched(STAGE, data, opt_outs)
    if held:
        print(held, file=sys.stderr)
    return 0


def _told_secrets(connection: "DuckDBPyConnection", data: Storage) -> str:
    """How many examples hold which secrets, and what is done about it; nothing if none does."""
    kinds = connection.execute(HELD).fetchall()
    if not kinds:
        return ""
    [(holding,)] = connection.execute(HOLDING).fetchall()
    policy = read_policy(data) or Policy()
    kinds_acted_on = ", ".join(policy.kinds)
    done = DONE_ABOUT[policy.name].format(again=_to_mask(data), kinds=kinds_acted_on)
    named = ", ".join(f"{kind} in {count:,}" for kind, count in kinds)
    return f"feed: secrets found in {holding:,} of the examples ({named}); {done}"


def _to_mask(data: Storage) -> str:
    """How all that was made of the corpus is made anew with masks."""
    if read_manifest(data, "repositories"):
        return f"quire build {data.root} --resume --secrets mask"
    return (
        f"quire secrets {data.root} --policy mask --overwrite, and then the stages after it, "
        "each with --overwrite"
    )


def _counted(connection: "DuckDBPyConnection", view: str, column: str) -> str:
    """How many rows have each value of a column, in brackets; nothing if there are none."""
    counts = connection.execute(
        f"SELECT {column}, count(*) FROM {view} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    named = ", ".join(f"{value} {count:,}" for value, count in counts)
    return f" ({named})" if named else ""
