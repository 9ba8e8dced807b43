"""feed: what was built to training examples in a seeded order, files of tokens, and exports."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipelines.running.flags import positive_number
from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.run_stage import run_stage
from schemas import DATASETS as ALL_DATASETS
from transforms.feed import DATASETS, STAGE
from transforms.feed.exports import EXPORTS
from transforms.feed.feed_sources import ANY_LANGUAGE, SOURCES
from transforms.feed.mixture import read_mix
from transforms.feed.opt_outs import OptOuts, read_opt_outs
from transforms.feed.problem_exports import export_folder
from transforms.feed.removals import read_removals
from transforms.feed.selection import Selection
from transforms.feed.settings import OPT_OUTS, FeedSettings
from transforms.feed.training_recipe import RECIPE_FILE, recipes
from transforms.feed.training_texts import training_texts
from transforms.feed.units import plan_feed
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows, read_manifest, uncommit
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.feed.stage import FeedExamples

SPLITS = ("train", "validation")
EPILOG = f"""Left out are repositories of the other split, --opt-outs, what `removed` lists (with
`quire contamination --policy drop`), tests, stubs, dunders and duplicates among functions,
docstrings of fewer than 4 words or in another language, problems that may not be passed on. Each
is a row of rejects/feed with its reason.

exports, under DATA/exports:
{chr(10).join(f"  {export.name:8} {export.help}" for export in EXPORTS)}

examples:
  quire feed ./data                                examples, and tokens by p50k_base
  quire feed ./data --window 2048 --fim 0.5        packed windows, half of the files with a gap
  quire feed ./data --mix corpus=0 --to sft        functions and problems alone, also for TRL
  quire feed ./data --train-tokenizer 16384        tokens of a tokenizer of one's own
  quire sql ./data tokens                          how many, and what tokens for blanks save
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--tokenizer",
        metavar="NAME|PATH",
        default="p50k_base",
        help="p50k_base (default: Codex's own), r50k_base, a tokenizer.json, or none for no tokens",
    )
    parser.add_argument(
        "--train-tokenizer",
        type=positive_number,
        metavar="N",
        help="train a byte-level BPE of N tokens on DATA, and use it",
    )
    parser.add_argument(
        "--window",
        type=positive_number,
        metavar="N",
        help="pack documents into windows of N tokens",
    )
    parser.add_argument(
        "--packing",
        choices=("best-fit", "cut"),
        default="best-fit",
        help="best-fit: cut no document that fits (default); cut: fill windows one after another",
    )
    parser.add_argument(
        "--fim",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="share of files whose middle stands last, to learn to fill gaps (default: 0)",
    )
    parser.add_argument(
        "--to",
        action="append",
        choices=[export.name for export in EXPORTS],
        default=[],
        metavar="EXPORT",
        help="an export, see below; may be given several times",
    )
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
        "--split", choices=SPLITS, default="train", help="the repositories to take (default: train)"
    )
    parser.add_argument(
        "--language",
        default="en",
        metavar="CODE",
        help=f"of docstrings, as ISO 639 has it (default: en), or {ANY_LANGUAGE}",
    )
    parser.add_argument(
        "--opt-outs",
        metavar="FILE",
        help="repositories, owners/ and sha256 to leave out, one a line",
    )


def _share(text: str) -> float:
    """The value of a flag that takes a share; argparse reports anything else."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # false for what is no number
        raise ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `corpus`, `functions` and `problems`, as far as they are here."""
    # Kernels take a while to load: a wrong flag is reported before that.
    weights = read_mix(options.mix, _sources(data))
    opt_outs = read_opt_outs(options.opt_outs) if options.opt_outs else OptOuts()
    from transforms.feed.chosen_tokenizer import choose_tokenizer, put_tokenizer

    tokenizer = choose_tokenizer(options.tokenizer, options.train_tokenizer)
    planned = plan_feed(data, weights)
    units = list(limited(planned.units, options))
    settings = FeedSettings(
        weights,
        planned.shards,
        options.seed,
        options.split,
        options.language,
        tokenizer.name if tokenizer else None,
        options.window,
        options.packing,
        options.fim,
        tuple(sorted(set(options.to))),
    )
    _refuse_foreign(data, settings)
    datasets = _datasets(settings)
    inputs = read_inputs(data, [*weights, "removed"])

    def texts() -> Iterator[str]:
        return training_texts(units, Selection(settings, opt_outs, read_removals(data)))

    def begin(stage: Stage) -> None:
        _remove_others(stage)
        data.put_json(OPT_OUTS, opt_outs.pack())
        data.put_json(RECIPE_FILE, recipes())
        put_tokenizer(data, tokenizer, texts)

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FeedExamples":
        from transforms.feed.stage import FeedExamples

        return FeedExamples(plan, config, datasets, settings)

    version = tokenizer.version if tokenizer else None
    decided = [asdict(settings), version, opt_outs.pack()]
    return Job(
        datasets,
        config_of([VERSION, planned.inputs, inputs, len(units), *decided]),
        units,
        transform,
        f"feed: {len(units)} units into {planned.shards} shards, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=len(units) + planned.shards,
        begin=begin,
        inputs=inputs,
    )


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
    tokens = ("tokens",) if settings.tokenizer else ()
    exports = [e.dataset.name for e in EXPORTS if e.dataset and e.name in settings.exports]
    return (*DATASETS, *tokens, *exports)


def _refuse_foreign(data: Storage, settings: FeedSettings) -> None:
    """Raises UsageError if folders are to be written where there are files of somebody else's."""
    if read_manifest(data, "examples") or data.list(f"_work/{STAGE}", recursive=True):
        return
    for export in EXPORTS:
        folder = export_folder(export)
        if export.folders and export.name in settings.exports and data.list(folder, recursive=True):
            raise UsageError(f"{data.path(folder)}: no feed wrote what is there; remove it first")


def _remove_others(stage: Stage) -> None:
    """Remove what an earlier run wrote and this one does not, and task folders to be made anew."""
    others = [d.name for d in ALL_DATASETS if d.stage == STAGE and d.name not in stage.datasets]
    uncommit(stage.data, others)
    for name in others:
        stage.data.delete_folder(name)
    if not stage.unfinished():
        for export in (each for each in EXPORTS if each.folders):
            stage.data.delete_folder(export_folder(export))


def _finish(data: Storage) -> int:
    rows = committed_rows(data, (*DATASETS, "tokens"))
    print(
        f"feed: {rows['examples']:,} examples{_by_source(data)}, "
        f"{rows['rejects/feed']:,} rows left out",
        file=sys.stderr,
    )
    return 0


def _by_source(data: Storage) -> str:
    """How many examples are of which source, in brackets; nothing if there are none."""
    with connect(data) as connection:
        counts = connection.execute(
            "SELECT source, count(*) FROM examples GROUP BY source ORDER BY source"
        ).fetchall()
    named = ", ".join(f"{source} {count:,}" for source, count in counts)
    return f" ({named})" if named else ""
