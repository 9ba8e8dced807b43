"""What must hold before a stage runs on a cluster: workers answer, have this quire, see DATA."""

import pickle
import sys
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms.lib import VERSION
from transforms.lib.skeleton.shards import clear_work
from transforms.lib.skeleton.storage import Storage

PYTHON = "{}.{}".format(*sys.version_info)


@dataclass(frozen=True)
class Question:
    """A file under DATA, to be answered by one beside it: who can do that shares our storage."""

    data: Storage
    nonce: str

    def name(self, kind: str) -> str:
        """Where the question or the answer stands."""
        return f"_work/preflight/{self.nonce}-{kind}.json"

    def put(self, kind: str) -> None:
        """Leave it, with what we are."""
        self.data.put_json(self.name(kind), {"version": VERSION, "python": PYTHON})

    def answer(self) -> Any:
        """What a worker said that it is; None if it said nothing."""
        return self.data.read_json(self.name("answer"))

    def forget(self) -> None:
        """Take both away."""
        clear_work(self.data, "preflight")


def answer(packed: bytes) -> None:
    """Answer a question; not where it cannot be seen."""
    question = pickle.loads(packed)
    if question.data.exists(question.name("question")):
        question.put("answer")


@dataclass
class AskWorker(beam.PTransform):
    """Some worker answers the question.

    A worker that lacks quire fails while it answers: one that fails before, as it loads a DoFn,
    may do so ahead of opening its data stream, and Flink waits three minutes for that.
    """

    question: Question

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        def ask(packed: bytes) -> None:  # local, and so sent by value
            from transforms.lib.skeleton.preflight import answer

            answer(packed)

        return pbegin | beam.Create([pickle.dumps(self.question)], reshuffle=False) | beam.Map(ask)
