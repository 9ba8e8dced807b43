"""remove: takes rows, and what was made of them, out of the committed shards of every dataset."""

import argparse
import sys
from datetime import UTC, datetime

from pipelines.running.opting_out import shown
from pipelines.running.run_stage import lock
from schemas import DATASETS
from transforms.lib.errors import UsageError
from transforms.lib.rights.opt_outs import OptOuts, read_opt_outs
from transforms.lib.rights.removal import Removal, plan_removal, remove, stale_card
from transforms.lib.rights.removal_commit import settle_removal
from transforms.lib.rights.removal_log import logged_opt_outs, read_log
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import committed, settle
from transforms.lib.skeleton.storage import Storage

EPILOG = """FILE has one entry a line: an owner (octo/), a repository (flask, octo/cat, id:12345,
its address), a file (octo/cat:a.py), a SWHID (swh:1:cnt:…, swh:1:dir:…, swh:1:rev:…), the sha256 of
a file, the e-mail domain of who holds the rights (@example.com).

Rows of these, and what was made of them, go from every dataset; all other rows stay as they are.
Archives that held them go, too, and so do tokens and exports: `quire feed --overwrite` makes them
anew. DATA/removals keeps a log, which later runs of crawl, corpus and feed obey.

examples:
  quire remove ./data --list requests.txt --dry-run     how many rows would go
  quire remove ./data --list requests.txt
  quire remove ./data                                   the log
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("--list", metavar="FILE", help="what to remove, one entry a line")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")


def run(options: argparse.Namespace) -> int:
    """Remove what the list names, or print the log; returns 0."""
    data = Storage(options.data)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    if options.list is None:
        _print_log(data)
        return 0
    opt_outs = read_opt_outs(options.list, "--list")
    if options.dry_run:
        _refuse_unfinished(data)
        _say("would take", plan_removal(data, opt_outs, len(read_log(data)) + 1))
        return 0
    with lock(data):
        settle(data)
        settle_removal(data)
        _refuse_unfinished(data)
        _remove(data, opt_outs)
        write_catalog(data)  # always: an earlier run may have ended just before
    return 0


def _remove(data: Storage, opt_outs: OptOuts) -> None:
    """Remove what is there of the opt-outs, if anything is, and what the log lacks."""
    removal = plan_removal(data, opt_outs, len(read_log(data)) + 1)
    if not opt_outs:
        print("remove: the list is empty", file=sys.stderr)
        return
    if not removal.taken.masks and opt_outs.entries <= logged_opt_outs(data).entries:
        print("remove: nothing of it is here, and the log has it already", file=sys.stderr)
        return
    remove(data, removal, datetime.now(UTC).date().isoformat())
    _say(f"removal {removal.number} took", removal)
    if removal.deleted:
        print(
            f"remove: {', '.join(removal.deleted)} held such rows, too, and are deleted; "
            f"`quire feed {data.root} --overwrite`, with the flags of its run, makes them anew",
            file=sys.stderr,
        )
    if stale := stale_card(data, removal):
        print(
            f"remove: {' and '.join(stale)} still count these rows; "
            f"`quire report {data.root} --card` writes them anew",
            file=sys.stderr,
        )


def _refuse_unfinished(data: Storage) -> None:
    """Raises UsageError if a stage is unfinished here: what it has done is not committed yet."""
    for stage in dict.fromkeys(dataset.stage for dataset in DATASETS):
        if [n for n in data.list(f"_work/{stage}", recursive=True) if n != "log.txt"]:
            raise UsageError(
                f"{data.path()}: {stage} is unfinished here; `quire {stage}` with --resume "
                "finishes it, with --overwrite starts anew"
            )


def _say(took: str, removal: Removal) -> None:
    rows = ", ".join(f"{name} {count:,}" for name, count in removal.taken.rows().items())
    archives = f"; archives: {len(removal.archives)}" if removal.archives else ""
    print(f"remove: {took} rows: {rows or 'none'}{archives}", file=sys.stderr)
    if unmatched := removal.opt_outs.unmatched(removal.taken.used):
        print(
            f"remove: {len(unmatched)} of {len(removal.opt_outs)} entries concern no row here: "
            f"{shown(unmatched)}",
            file=sys.stderr,
        )


def _print_log(data: Storage) -> None:
    for removal in read_log(data):
        rows = ", ".join(f"{name} {count:,}" for name, count in removal["rows"].items())
        entries = shown(removal["entries"])
        print(f"{removal['number']}  {removal['date']}  {entries}: {rows or 'no rows'}")
