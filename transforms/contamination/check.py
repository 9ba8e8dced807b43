"""One check: against which evaluation sets, with which stoplist and policy."""

import os
from dataclasses import dataclass
from typing import Any

from transforms.contamination import STAGE, verdict
from transforms.contamination.conclusion import Conclusion, conclude
from transforms.contamination.grams.ngrams import SCHEME
from transforms.contamination.patterns import task_patterns
from transforms.contamination.patterns.index import Index, make_index
from transforms.contamination.patterns.stoplist import Stoplist
from transforms.contamination.report.markdown import Given
from transforms.contamination.report.selftest import sample
from transforms.contamination.units import Table
from transforms.lib import VERSION
from transforms.lib.eval_sets import EvalSet, EvalTask
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit

INDEX = f"_work/{STAGE}/index.npz"  # put there by the launcher, read once by every worker


@dataclass(frozen=True)
class Check:
    """Evaluation sets that texts are compared with, what is no evidence, and what is done then."""

    sets: tuple[EvalSet, ...]
    stoplist: Stoplist
    policy: str

    @property
    def tasks(self) -> list[EvalTask]:
        """The tasks of all sets, in their order."""
        return [task for each in self.sets for task in each.tasks]

    def index(self) -> Index:
        """The index of all tasks."""
        return make_index(self.tasks, self.stoplist)

    def settings(self) -> list[Any]:
        """What of the check decides the bytes of its datasets."""
        tasks = [(each.suite, each.sha256, [t.sha256 for t in each.tasks]) for each in self.sets]
        bands = [
            verdict.STRONG_BANDS,
            verdict.WEAK_BANDS,
            verdict.FAINT_BANDS,
            task_patterns.TREE_NODES,
        ]
        return [tasks, self.stoplist.sha256, self.policy, bands]

    def conclusion(self, hosts: tuple[Table, Unit] | None) -> Conclusion:
        """What the end of the check needs: the report's facts, leaks to seed, and their hosts."""
        sets = tuple((each.suite, os.path.basename(each.path), each.sha256) for each in self.sets)
        stoplist = f"sha256 {self.stoplist.sha256} ({self.stoplist.sizes})"
        return Conclusion(Given(sets, stoplist, self.policy), tuple(sample(self.tasks)), hosts)

    def without_texts(self, data: Storage, config: str) -> list[dict]:
        """The shards of a check that had no text: `eval_tasks` alone, which are all clean."""
        shards = UnitShards(data, STAGE, "tasks", config)
        rows = conclude(data, STAGE, [], self.index(), self.conclusion(None))
        shards.write("eval_tasks", rows)
        entries: list[dict] = shards.commit()["shards"]
        return entries


def config_settings(inputs: str, units: int, check: Check) -> list[Any]:
    """All that decides the bytes of the stage: version, scheme, inputs, and the check."""
    return [VERSION, SCHEME, inputs, units, *check.settings()]
