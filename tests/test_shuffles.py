"""What crosses a shuffle, by the graphs: keys, references and markers, and nothing else."""

import apache_beam as beam
import pytest

from tests.support.shuffles import Shuffles
from transforms.corpus.stage import BuildCorpus
from transforms.crawl.stage import CrawlSources, Exclusions, Sources
from transforms.functions.stage import ExtractFunctions
from transforms.lib.network.fetch import Politeness
from transforms.lib.skeleton.exchange import Keyed
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit


@pytest.mark.parametrize(
    "build",
    [
        BuildCorpus(Plan(Storage("data"), "corpus", 1, 1), "", True),
        ExtractFunctions(Plan(Storage("data"), "functions", 1, 1), ""),
        CrawlSources(
            Storage("data"), "", [Sources("a", ("dir:x",))], [], Exclusions(), Politeness(), 1
        ),
    ],
    ids=["corpus", "functions", "crawl"],
)
def test_only_keys_references_and_markers_are_shuffled(build: beam.PTransform) -> None:
    pipeline = beam.Pipeline()
    pipeline | build
    shuffles = Shuffles()
    pipeline.visit(shuffles)
    allowed = {
        str(kind)
        for kind in (
            beam.typehints.Tuple[int, beam.typehints.Tuple[str, bytes]],
            beam.typehints.Tuple[int, str],
            beam.typehints.Tuple[int, Unit],
            beam.typehints.Tuple[int, Sources],
        )
    }
    assert str(beam.typehints.native_type_compatibility.convert_to_beam_type(Keyed)) in allowed
    assert shuffles.types and set(map(str, shuffles.types)) <= allowed
    assert not shuffles.others
