"""feed: what was built to training examples in a seeded order, files of tokens, and exports."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.job import Job, Stage, limited
from pipelines.running.run_stage import run_stage
from transforms.feed import STAGE
from transforms.feed.feed_sources import ANY_LANGUAGE
from transforms.feed.mixture import read_mix
from transforms.feed.opt_outs import OptOuts, read_opt_outs
from transforms.feed.settings import OPT_OUTS, FeedSettings
from transforms.feed.units import plan_feed
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.feed.stage import FeedExamples

NO_TOKENS = "none"
SPLITS = ("train", "validation")
EPILOG = """What is left out: repositories of the other split, --opt-outs, rows of `removed` (run `quire
contamination --policy drop` before), tests, stubs, dunders and duplicates among functions, docstrings
of fewer than 4 words or in another language, problems that may not be passed on. Each is a row of
rejects/feed with its reason.

exports (under DATA/exports):
{exports}

examples:
  quire feed ./data                                  examples, and tokens of {tokenizers}
  quire feed ./data --window 2048 --fim 0.5          packed windows, half of the files with a gap
  quire feed ./data --mix corpus=0 --tokenizer none --to sft    functions and problems alone, for TRL
  quire feed ./data --train-tokenizer 16384          tokens of a tokenizer of one's own
  quire sql ./data tokens                            how many, and what tokens for blanks save
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
        help="share of files whose middle is moved to their end, to learn to fill gaps (default: 0)",
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
    """The value of a flag that takes a share."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `corpus`, `functions` and `problems`, as far as they are here."""
    weights = read_mix(options.mix, _sources(data))
    opt_outs = read_opt_outs(options.opt_outs) if options.opt_outs else OptOuts()
    tokenizer = _tokenizer(options)
    planned = plan_feed(data, weights)
    units = list(limited(planned.units, options))
    settings = FeedSettings(
        weights,
        planned.shards,
        options.seed,
        options.split,
        options.language,
        None if tokenizer is None else tokenizer.spec,
        options.window,
        options.packing,
        options.fim,
        tuple(sorted(set(options.to))),
    )
    datasets = _datasets(settings)
    _refuse_foreign(data)

    def begin(stage: Stage) -> None:
        _remove_others(stage)
        data.put_json(OPT_OUTS, opt_outs.pack())
        if tokenizer:
            data.put(TOKENIZER_FILE, tokenizer.file(data, units, settings, opt_outs))
        data.put_json(RECIPE_FILE, recipe_of(options))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "FeedExamples":
        from transforms.feed.stage import FeedExamples

        return FeedExamples(plan, config, datasets, settings)
