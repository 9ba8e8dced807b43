"""Who has opted out of a run: those of --opt-out, and what was removed from DATA before."""

import argparse
import sys

from transforms.lib.rights.opt_outs import OptOuts, read_opt_outs
from transforms.lib.rights.removal_log import logged_opt_outs
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.storage import Storage

SHOWN = 5  # opt-outs in a line that names some
# The entries for which rows were left out, by any of the stages: what crawl has left out, corpus
# does not meet. A value of feed begins with the source of the row and its id.
OPTED = """SELECT value FROM rejects_crawl WHERE reason = 'opt_out' AND path IS NOT NULL
UNION SELECT reason FROM repositories WHERE status = 'opted_out'
UNION SELECT value FROM rejects_corpus WHERE reason = 'opt_out'
UNION SELECT regexp_extract(value, '^\\S+ \\S+ (.*)$', 1) FROM rejects_feed WHERE reason = 'opt_out'
"""


def asked(options: argparse.Namespace) -> OptOuts:
    """The opt-outs of --opt-out; nobody's without it."""
    return read_opt_outs(options.opt_out) if options.opt_out else OptOuts()


def obeyed(data: Storage, opt_outs: OptOuts) -> OptOuts:
    """Those of --opt-out, and what was removed from DATA."""
    return opt_outs | logged_opt_outs(data)


def say_unmatched(stage: str, data: Storage, opt_outs: OptOuts) -> None:
    """Name the opt-outs that concern no row of DATA."""
    if not opt_outs:
        return
    with connect(data) as connection:
        values = [str(value) for (value,) in connection.execute(OPTED).fetchall()]
    if unmatched := opt_outs.unmatched(values):
        print(
            f"{stage}: {len(unmatched)} of {len(opt_outs)} opt-outs concern no row here: "
            f"{shown(unmatched)}",
            file=sys.stderr,
        )


def shown(entries: list[str]) -> str:
    """The first few of some entries, for a line."""
    return ", ".join(entries[:SHOWN]) + (", …" if len(entries) > SHOWN else "")
