"""One check: against which evaluation sets, with which stoplist and policy."""

import os
from dataclasses import dataclass
from typing import Any

from transforms.contamination import STAGE, verdict
from transforms.contamination.grams.ngrams import SCHEME
from transforms.contamination.patterns import task_patterns
from transforms.contamination.patterns.stoplist import Stoplist
from transforms.contamination.patterns.task_index import TaskIndex, make_index
from transforms.contamination.report.markdown import CheckSettings
from transforms.contamination.report.selftest import sample_tasks
from transforms.contamination.summary import ReportInputs, summarise
from transforms.contamination.units import TextTable
from transforms.lib import VERSION
from transforms.lib.eval_sets import EvalSet, EvalTask
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit

INDEX = f"_work/{STAGE}/index.npz"  # the launcher writes it; each worker reads it once


@dataclass(frozen=True)
class PlannedCheck:
    """The evaluation sets, the stoplist of what is no evidence, and the policy for hits."""

    sets: tuple[EvalSet, ...]
    stoplist: Stoplist
    policy: str

    @property
    def tasks(self) -> list[EvalTask]:
        """The tasks of all sets, in their order."""
        return [task for each in self.sets for task in each.tasks]

    def index(self) -> TaskIndex:
        """The index of all tasks."""
        return make_index(self.tasks, self.stoplist)

    def settings(self) -> list[Any]:
        """Everything in the check that the bytes of its datasets depend on."""
        tasks = [(each.suite, each.sha256, [t.sha256 for t in each.tasks]) for each in self.sets]
        thresholds = [
            verdict.STRONG_THRESHOLDS,
            verdict.WEAK_THRESHOLDS,
            verdict.FAINT_THRESHOLDS,
            task_patterns.MIN_STRONG_TREE_NODES,
            task_patterns.MIN_STRONG_LINE_NODES,
        ]
        return [tasks, self.stoplist.sha256, self.policy, thresholds]

    def report_inputs(self, hosts: tuple[TextTable, Unit] | None) -> ReportInputs:
        """What the report needs: what is checked and how, tasks to leak, texts to leak into."""
        sets = tuple((each.suite, os.path.basename(each.path), each.sha256) for each in self.sets)
        stoplist = f"sha256 {self.stoplist.sha256} ({self.stoplist.sizes})"
        settings = CheckSettings(sets, stoplist, self.policy)
        return ReportInputs(settings, tuple(sample_tasks(self.tasks)), hosts)

    def without_texts(self, data: Storage, config: str) -> list[dict]:
        """The shards of a check that had no text: `eval_tasks` alone; the report is written too.

        Every task is clean, but for those that cannot be checked, whose `clean` is null.
        """
        shards = UnitShards(data, STAGE, "tasks", config)
        rows, _ = summarise(data, STAGE, [], self.index(), self.report_inputs(None))
        shards.write("eval_tasks", rows)
        entries: list[dict] = shards.commit()["shards"]
        return entries


def config_settings(inputs: str, limit: int | None, check: PlannedCheck) -> list[Any]:
    """All that decides the bytes of the stage: version, scheme, inputs, and the check."""
    return [VERSION, SCHEME, inputs, limit, *check.settings()]
