"""`runs`: what every stage has cost, and what it read, wrote and dropped."""

import pyarrow as pa

from schemas.dataset import dataset

WRITTEN = pa.struct([("dataset", pa.string()), ("rows", pa.int64()), ("bytes", pa.int64())])
REASON = pa.struct([("reason", pa.string()), ("rows", pa.int64())])
EVERY_STAGE = "every stage"  # writes a row of it: no stage makes the dataset anew
RUNS = dataset(
    "runs",
    EVERY_STAGE,
    "one run of one stage that has committed its datasets",
    ("run", pa.int64(), "its number, from 1 on, in the order of commits"),
    ("stage", pa.string(), "the stage"),
    ("started_at", pa.timestamp("us", tz="UTC"), "when its command began"),
    ("settings", pa.string(), "its arguments as JSON, without secrets of URLs"),
    ("config", pa.string(), "digest of all that decides the bytes: settings, inputs, versions"),
    ("version", pa.string(), "of quire"),
    ("versions", pa.list_(pa.string()), "of Python and the libraries that decide bytes: name==1.0"),
    ("runner", pa.string(), "the Beam runner; null if there was nothing to run"),
    ("workers", pa.int64(), "worker processes on this machine; null on a cluster"),
    ("units", pa.int64(), "units of work of the plan"),
    ("resumed_units", pa.int64(), "those of them that an earlier, interrupted run had finished"),
    ("rows_read", pa.int64(), "rows of the plan; null where it does not count them"),
    ("bytes_read", pa.int64(), "stored bytes of the datasets and files it read; null: unknown"),
    ("written", pa.list_(WRITTEN), "rows and bytes of each dataset that it wrote"),
    ("rejects", pa.list_(REASON), "rejected rows by reason"),
    ("wall_seconds", pa.float64(), "from the command's begin to the commit"),
    ("cpu_seconds", pa.float64(), "user and system time of all its processes; null on a cluster"),
    ("peak_memory", pa.int64(), "most resident bytes of one of its processes; null on a cluster"),
)
