"""corpus: files to signals, filtered and deduplicated corpus, and rejects."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import TYPE_CHECKING

from pipelines.running.flags import add_opt_out
from pipelines.running.job import Job, config_of, limited
from pipelines.running.opting_out import asked, obeyed, say_unmatched
from pipelines.running.run_stage import run_stage
from transforms.corpus import DATASETS, LEVELS, PRESET_LEVELS, RUFF, SCOPES, STAGE
from transforms.lib import VERSION
from transforms.lib.duplicates import MINHASH_SCHEME, ROUNDS, SHINGLE_SCHEME
from transforms.lib.errors import UsageError
from transforms.lib.rights.known_rows import with_names
from transforms.lib.rights.left_opt_outs import leave_opt_outs
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.damage import cut_shards
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows, read_manifest, shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Footer, plan_units, source_footer

if TYPE_CHECKING:
    from transforms.corpus.stage import BuildCorpus

EPILOG = """examples:
  quire corpus ./data                               the files that crawl wrote
  quire corpus ./data --files 'shards/*.parquet'    any Parquet with repo, path, content,
                                                    or as The Stack and CodeParrot have them
  quire corpus ./data --dedup exact --overwrite     the paper's preset
  quire corpus ./data --dedup-scope repo --keep all      whole repositories, duplicates marked
"""


def add_build_arguments(parser: ArgumentParser) -> None:
    """The flags that `build` has, too."""
    parser.add_argument(
        "--dedup",
        choices=("near", "exact"),
        default="near",
        help="near duplicates too (default), or exact ones alone",
    )
    parser.add_argument(
        "--dedup-scope",
        choices=SCOPES,
        default=SCOPES[0],
        help="compare all files (default), or those of one project: none is dropped for another's",
    )
    parser.add_argument(
        "--keep",
        choices=("representatives", "all"),
        default="representatives",
        help="drop duplicates (default), or keep and mark them: functions and feed leave them out",
    )
    parser.add_argument(
        "--filters",
        choices=PRESET_LEVELS,
        default="codex",
        help="the paper's filters (default), or also those of OpenCoder or SwallowCode",
    )
    parser.add_argument(
        "--signals",
        choices=LEVELS,
        default="lexical",
        help="quality signals: none, lexical ones (default), the parser's, too, or ruff's, too",
    )


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--files", metavar="GLOB", help="read this Parquet in place: a glob, a folder or a URL"
    )
    add_build_arguments(parser)
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help="most rounds, in components above 250,000 files and to find these above 32 million",
    )
    add_opt_out(parser)


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    opt_outs = asked(options)
    return run_stage(STAGE, options, plan, lambda data: _finish(data, opt_outs))


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `files`, or of the Parquet that --files names."""
    files, footers = _inputs(data, options.files), list[Footer]()

    def footer(file: str) -> Footer:
        footers.append(source_footer(file))
        return footers[-1]

    units, inputs = plan_units(files, footer)
    _tell_layouts(footers)
    units = list(limited(units, options))
    read = [] if options.files else ["files"]
    near, scope, keep_all = options.dedup == "near", options.dedup_scope, options.keep == "all"
    filters = options.filters
    signals = max(options.signals, PRESET_LEVELS[filters], key=LEVELS.index)
    own = asked(options)
    listed = sorted(own.entries)
    if options.files:  # rows that were removed from them were not removed here
        listed += cut_shards(files)
    opt_outs = with_names(data, obeyed(data, own))
    schemes = {"MinHash": MINHASH_SCHEME, "shingle": SHINGLE_SCHEME} | _linter(signals)
    settings = [near, scope, keep_all, signals, filters, listed, schemes]

    def transform(plan: Plan, config: str, spill: Storage | None) -> "BuildCorpus":
        from transforms.corpus.signals import Asked
        from transforms.corpus.stage import BuildCorpus

        quality = Asked(signals, filters)
        return BuildCorpus(plan, config, near, spill, options.rounds, scope, keep_all, quality)

    return Job(
        DATASETS,
        config_of([VERSION, inputs, options.limit, *settings]),
        units,
        transform,
        f"corpus: {len(units)} units, --dedup {options.dedup}, into {data.path()}",
        rows=sum(unit.rows for unit in units),
        markers=2 * len(units),
        begin=lambda stage: leave_opt_outs(data, STAGE, opt_outs),
        inputs=read_inputs(data, read),
        files=files if options.files else (),
        schemes=schemes,
        phases={"signed": DATASETS[:1], "done": DATASETS[1:]},
    )


def _tell_layouts(footers: list[Footer]) -> None:
    """Say which published layouts the files have, if any has one."""
    counts = Counter(footer.layout for footer in footers)
    if set(counts) - {""}:
        names = sorted((layout or "quire's own", count) for layout, count in counts.items())
        told = ", ".join(
            f"{layout} ({count:,} {'file' if count == 1 else 'files'})" for layout, count in names
        )
        print(f"corpus: --files are read in the layout of {told}", file=sys.stderr)


def _linter(signals: str) -> dict[str, str]:
    """The version of ruff, which decides what it finds, if it is asked."""
    if signals != RUFF:
        return {}
    from transforms.corpus.quality.ruff_findings import ruff_version

    return {"ruff": ruff_version()}


def _inputs(data: Storage, pattern: str | None) -> list[str]:
    if pattern:
        return matching_files(pattern, is_parquet)
    if read_manifest(data, "files") is None:
        raise UsageError(
            f"{data.path()}: no `files` here; run `quire crawl {data.root} SOURCE …` first, "
            "or name Parquet with --files"
        )
    return shard_files(data, "files")


def _finish(data: Storage, opt_outs: OptOuts) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"corpus: {rows['signals']:,} files in, {rows['corpus']:,} kept, "
        f"{rows['rejects/corpus']:,} rejected",
        file=sys.stderr,
    )
    say_unmatched(STAGE, data, opt_outs)
    return 0
