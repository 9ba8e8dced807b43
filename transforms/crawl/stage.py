"""Crawls sources: writes repositories, files, CI configurations and rejects (Codex section 3.1).

A work unit is a few sources. A worker fetches each politely into the archive store, reads it in
memory and writes one shard per dataset. A source that cannot be fetched is a row, not an error.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import apache_beam as beam

from schemas import REPOSITORIES
from transforms.crawl import DATASETS, STAGE
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.project_tables import table_of, tables
from transforms.crawl.read_source import read_source
from transforms.crawl.sources import FetchedProject, source_parts
from transforms.crawl.units import SourceUnit, kept_marker
from transforms.lib.archives.store import ArchiveStore
from transforms.lib.network.fetch import Fetcher, Politeness
from transforms.lib.redaction import redacted
from transforms.lib.rights.left_opt_outs import left_opt_outs
from transforms.lib.skeleton.commit import CommitShards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.planned_units import PlannedUnits
from transforms.lib.skeleton.shards import UnitShards, finished
from transforms.lib.skeleton.storage import Storage


@dataclass
class CrawlUnit(beam.DoFn):
    """Takes the units of a slot and writes their shards, source by source; yields the markers."""

    data: Storage
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int
    flags: frozenset[str] = frozenset()

    def setup(self) -> None:
        store = ArchiveStore(self.data)
        self._fetcher = Fetcher(store, self.slots, self.politeness, self.flags)
        self._opt_outs = left_opt_outs(self.data, STAGE)

    def process(self, unit: SourceUnit) -> Iterator[str]:
        marker = finished(self.data, STAGE, "done", unit.name, self.config)
        yield json.dumps(marker or self._crawl(unit))

    def _crawl(self, unit: SourceUnit) -> dict:
        shards = UnitShards(self.data, STAGE, unit.name, self.config)
        for source, project in zip(unit.sources, unit.projects, strict=True):
            begin = time.monotonic()
            fetched = read_source(source, self._fetcher, self.exclusions, project, self._opt_outs)
            for dataset, table in tables(source, fetched, self.exclusions, self._opt_outs):
                shards.write(dataset, table)
            row = self._row(source, fetched) | {"seconds": time.monotonic() - begin}
            shards.write(REPOSITORIES.name, table_of([row], REPOSITORIES.name))
        return shards.commit()

    def _row(self, source: str, fetched: FetchedProject) -> dict:
        project = fetched.project
        parts = source_parts(source)
        texts = {name: redacted(fetched.row.get(name) or "") or None for name in ("url", "reason")}
        return (
            fetched.row
            | texts
            | {
                "source": source,
                "kind": parts and parts.kind,
                "licence_declared": project.licence_declared,
                "licence_detected": project.licence_detected,
                "licence_spdx": project.licence_spdx,
                "holder_domains": project.holder_domains,
                "ci_files": len(project.ci_configs),
                "fetched_at": datetime.now(UTC),
            }
        )


@dataclass
class CrawlSources(beam.PTransform):
    """Takes the units of a plan; commits the datasets of the crawl.

    Each slot is one key, whose sources are crawled one after the other, and has its share of the
    requests that a host is sent a second: the rate holds whatever the number of workers.
    """

    plan: Plan
    config: str
    exclusions: Exclusions
    politeness: Politeness
    slots: int
    flags: frozenset[str] = frozenset()

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        data = self.plan.data
        shared = self.exclusions, self.politeness, self.slots, self.flags
        crawl = CrawlUnit(data, self.config, *shared)
        crawled = (
            pbegin
            | PlannedUnits(self.plan, self.slots)
            | "Crawl" >> beam.ParDo(crawl).with_output_types(str)
        )
        kept = pbegin | "Kept" >> beam.Create([None], reshuffle=False)
        markers = kept | "Read kept" >> beam.Map(lambda _: kept_marker(data)).with_output_types(str)
        return (
            (crawled, markers)
            | "Markers" >> beam.Flatten()
            | CommitShards(data, self.config, STAGE, DATASETS)
        )
