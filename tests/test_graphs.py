"""The graphs of all stages: what they shuffle, and that they do not grow with the work."""

from collections.abc import Callable
from dataclasses import replace

import apache_beam as beam
import pytest

from tests.support.shuffles import Shuffles
from transforms.ci.stage import CiSettings, ProblemsFromCi
from transforms.ci.units import ProjectUnit
from transforms.contamination.report.markdown import CheckSettings
from transforms.contamination.stage import FindContamination
from transforms.contamination.summary import ReportInputs
from transforms.contamination.units import CHECKED_DATASETS, PlannedTables
from transforms.contests.stage import ExtractProblems
from transforms.contests.units import ContestUnit
from transforms.corpus.stage import BuildCorpus
from transforms.crawl.exclusions import Exclusions
from transforms.crawl.stage import CrawlSources
from transforms.crawl.units import SourceUnit
from transforms.evaluate.request import Evaluation
from transforms.evaluate.stage import EvaluateSamples
from transforms.evaluate.units import SampleUnit
from transforms.feed.settings import FeedSettings
from transforms.feed.stage import FeedExamples
from transforms.feed.units import RowUnit
from transforms.functions.stage import ExtractFunctions
from transforms.lib.detection.policy import Policy
from transforms.lib.network.fetch import Politeness
from transforms.lib.problems.problem_units import ProblemUnit
from transforms.lib.skeleton.exchange import Keyed
from transforms.lib.skeleton.plan import UNITS_PER_FILE, Plan, WorkUnit
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.secrets.finding_rows import FindingRows
from transforms.secrets.stage import FindSecrets
from transforms.secrets.units import ShardUnit
from transforms.strengthen.stage import StrengthenProblems
from transforms.verify.stage import VerifyProblems

Make = Callable[[Plan], beam.PTransform]
INPUTS = ReportInputs(CheckSettings((), "", "report"), (), None)
STAGES: dict[str, tuple[type[WorkUnit], Make]] = {
    "crawl": (SourceUnit, lambda plan: CrawlSources(plan, "", Exclusions(), Politeness(), 1)),
    "corpus": (Unit, lambda plan: BuildCorpus(plan, "", True)),
    "corpus of 100 TB": (Unit, lambda plan: BuildCorpus(replace(plan, rows=10**10), "", True)),
    "secrets": (ShardUnit, lambda plan: FindSecrets(plan, "", FindingRows(Policy(), b""))),
    "functions": (Unit, lambda plan: ExtractFunctions(plan, "")),
    "ci": (ProjectUnit, lambda plan: ProblemsFromCi(plan, "", CiSettings())),
    "contests": (ContestUnit, lambda plan: ExtractProblems(plan, "")),
    "strengthen": (ProblemUnit, lambda plan: StrengthenProblems(plan, "")),
    "verify": (ProblemUnit, lambda plan: VerifyProblems(plan, "")),
    "contamination": (
        Unit,
        lambda plan: FindContamination(
            plan, "", PlannedTables(CHECKED_DATASETS, (0,)), False, INPUTS
        ),
    ),
    "feed": (RowUnit, lambda plan: FeedExamples(plan, "", (), FeedSettings({}, 1))),
    "evaluate": (SampleUnit, lambda plan: EvaluateSamples(plan, "", Evaluation("s", (1,)))),
}


def graph(stage: str, units: int) -> beam.Pipeline:
    kind, make = STAGES[stage]
    pipeline = beam.Pipeline()
    _ = pipeline | make(Plan(Storage("data"), stage, kind, units, 1))
    return pipeline


@pytest.mark.parametrize("stage", STAGES)
def test_only_keys_references_and_markers_are_shuffled(stage: str) -> None:
    shuffles = Shuffles()
    graph(stage, 1).visit(shuffles)
    kinds = (
        beam.typehints.Tuple[int, beam.typehints.Tuple[str, bytes]],
        beam.typehints.Tuple[int, str],
        beam.typehints.Tuple[int, STAGES[stage][0]],
    )
    allowed = set(map(str, kinds))
    assert str(beam.typehints.native_type_compatibility.convert_to_beam_type(Keyed)) in allowed
    assert shuffles.types and set(map(str, shuffles.types)) <= allowed
    assert not shuffles.others


@pytest.mark.parametrize("stage", STAGES)
def test_a_graph_does_not_hold_the_units(stage: str) -> None:
    """A job graph has a size limit on Dataflow: it holds a number for each file of the plan."""
    few, many = (len(graph(stage, n).to_runner_api().SerializeToString()) for n in (1, 100_000))
    assert many - few < 8 * 100_000 / UNITS_PER_FILE
