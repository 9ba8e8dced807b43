"""build: every stage in order, from sources to a corpus that answers SQL."""

import argparse
import sys
from importlib import import_module
from importlib.resources import files

from transforms.storage import Storage

HELP = "every stage in order; without SOURCE a built-in small list of releases"
EPILOG = """examples:
  quire build ./data                          the built-in list: about 25 releases
  quire build ./data pypi:flask dir:./mine    your own sources
  quire build ./data --resume                 go on after an interruption
"""
RELEASES = "releases.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of all stages."""
    from pipelines.cli import STAGES

    parser.set_defaults(stages=STAGES)
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="as for crawl")
    parser.add_argument("--exclude", metavar="FILE", help="names and sha256 that must not be kept")
    parser.add_argument("--max-rejects", metavar="N|P%", help="exit 3 above this many rejects")
    parser.add_argument("--dedup", choices=("near", "exact"), default="near",
                        help="near duplicates too (default), or exact ones alone")  # fmt: skip
    parser.set_defaults(files=None)


def run(options: argparse.Namespace) -> int:
    """Run the stages; the first exit code that is not 0, else 0."""
    options.source = options.source or built_in()
    for name in options.stages:
        code: int = import_module(f"pipelines.{name}").run(_for_stage(options, name))
        if code or options.dry_run:
            return code
    _say_more(options.data)
    return 0


def built_in() -> list[str]:
    """The sources of the built-in list."""
    lines = files("pipelines").joinpath(RELEASES).read_text().split("\n")
    return [f"pypi:{line.split('#')[0].strip()}" for line in lines if line.split("#")[0].strip()]


def _for_stage(options: argparse.Namespace, name: str) -> argparse.Namespace:
    """The options of one stage; --limit counts sources, and --resume begins what is not begun."""
    mine = argparse.Namespace(**vars(options))
    if name != "crawl":
        mine.limit = None
    return mine


def _say_more(data: str) -> None:
    import_module("pipelines.sql").answer(Storage(data), "funnel")
    print(f"\nnext: quire sql {data} rejects | licenses | duplicates | sizes | "
          f'"SELECT … FROM corpus"\n      quire check {data}', file=sys.stderr)  # fmt: skip
