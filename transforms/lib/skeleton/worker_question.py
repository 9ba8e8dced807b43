"""A question to a worker of a cluster: which version of quire it has, and whether it sees DATA."""

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
    """A file under DATA; a worker that can answer it by a second file shares our storage."""

    data: Storage
    nonce: str

    def name(self, kind: str) -> str:
        """The name, relative to DATA, of the question's or the answer's file."""
        return f"_work/preflight/{self.nonce}-{kind}.json"

    def put(self, kind: str) -> None:
        """Write the file, with the versions of quire and Python here."""
        self.data.put_json(self.name(kind), {"version": VERSION, "python": PYTHON})

    def answer(self) -> Any:
        """The versions that a worker wrote; None if none answered."""
        return self.data.read_json(self.name("answer"))

    def forget(self) -> None:
        """Remove the files of the question and of the answer."""
        clear_work(self.data, "preflight")


def answer(packed: bytes) -> None:
    """Answer a question, if this worker sees its file."""
    question = pickle.loads(packed)
    if question.data.exists(question.name("question")):
        question.put("answer")


@dataclass
class AskWorker(beam.PTransform):
    """One worker of the cluster answers the question.

    A worker that lacks quire fails while it answers: one that fails before, as it loads a DoFn,
    may do so ahead of opening its data stream, and Flink waits three minutes for that.
    """

    question: Question

    def expand(self, pbegin: beam.pvalue.PBegin) -> beam.PCollection:
        def ask(packed: bytes) -> None:  # local, and so sent by value
            from transforms.lib.skeleton.worker_question import answer

            answer(packed)

        return pbegin | beam.Create([pickle.dumps(self.question)], reshuffle=False) | beam.Map(ask)
