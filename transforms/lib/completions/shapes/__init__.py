"""Shapes in which samples come, each read into GivenSamples.

A new shape is one file here and one line in SHAPES. The first that fits the first record of a file
is the shape of all of it; `--format NAME` says it instead.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from transforms.lib.completions.given_sample import GivenSample
from transforms.lib.completions.shapes import (
    chat_responses,
    code_lists,
    completion_field,
    generations,
    lm_eval_samples,
    response_field,
    solution_field,
    task_folders,
)
from transforms.lib.errors import UsageError
from transforms.lib.records.record import Record


@dataclass(frozen=True)
class SampleShape:
    """How samples lie in records.

    fits: whether a record can be of this shape. samples: the samples in a record; the ids of all
    tasks are given in their order, and UsageError is raised for a faulty record.
    """

    name: str
    fits: Callable[[Record], bool]
    samples: Callable[[Record, Collection[str]], Iterator[GivenSample]]


SHAPES: tuple[SampleShape, ...] = (
    SampleShape("completion", completion_field.fits, completion_field.samples),
    SampleShape("solution", solution_field.fits, solution_field.samples),
    SampleShape("generations", generations.fits, generations.samples),
    SampleShape("folder", task_folders.fits, task_folders.samples),
    SampleShape("lm-eval", lm_eval_samples.fits, lm_eval_samples.samples),
    SampleShape("livecodebench", code_lists.fits, code_lists.samples),
    SampleShape("response", response_field.fits, response_field.samples),
    SampleShape("chat", chat_responses.fits, chat_responses.samples),
)
NAMES = tuple(shape.name for shape in SHAPES)


def shape_of(record: Record, name: str = "") -> SampleShape:
    """The shape of that name, or the one that a file's first record has; UsageError if none is."""
    if name:
        return named(name)
    found = next((shape for shape in SHAPES if shape.fits(record)), None)
    if found is None:
        raise record.fault(f"no field 'completion', nor another known shape: {', '.join(NAMES)}")
    return found


def named(name: str) -> SampleShape:
    """The shape of that name; UsageError if there is none."""
    found = next((shape for shape in SHAPES if shape.name == name), None)
    if found is None:
        raise UsageError(f"--format {name}: must be one of {', '.join(NAMES)}")
    return found
