"""What each run of a stage has cost: time, memory, bytes."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

RUNS = """
SELECT run, stage, round(wall_seconds, 1) AS wall_s, round(cpu_seconds, 1) AS cpu_s,
       round(peak_memory / 1e6, 0)::BIGINT AS peak_mb, workers, units, resumed_units AS resumed,
       rows_read, list_sum(list_transform(written, lambda w: w.rows))::BIGINT AS rows_written,
       round(list_sum(list_transform(written, lambda w: w.bytes)) / 1e6, 2) AS mb_written,
       coalesce(list_sum(list_transform(rejects, lambda r: r.rows)), 0)::BIGINT AS rows_dropped
FROM runs ORDER BY run DESC LIMIT 60
"""
SETTINGS = """
SELECT run, stage, strftime(started_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S') AS "started (UTC)",
       settings
FROM runs ORDER BY run DESC LIMIT 60
"""
VERSIONS = """
SELECT version AS quire, runner, array_to_string(versions, ' ') AS "Python and libraries",
       min(run) AS from_run, max(run) AS to_run
FROM runs GROUP BY version, runner, versions ORDER BY to_run DESC LIMIT 20
"""


def stage_costs(facts: Facts) -> Section | None:
    """Where the time went, and with which settings."""
    if not facts.has("runs"):
        return None
    return Section(
        "runs",
        "Where the time went",
        "A row of runs for each stage that has committed, the last one first: seconds from its "
        "begin to its commit, CPU seconds of all its processes, and the most memory that one held.",
        "time",
        [
            facts.table("Runs", RUNS, bar="wall s"),
            facts.table("Settings", SETTINGS, code=["settings"]),
            facts.table("Versions", VERSIONS, code=["Python and libraries"]),
        ],
    )
