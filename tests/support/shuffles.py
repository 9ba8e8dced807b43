"""What a pipeline sends over shuffles, read off its graph."""

from typing import Any

import apache_beam as beam
from apache_beam.pipeline import PipelineVisitor


class Shuffles(PipelineVisitor):
    """The element types that enter a GroupByKey, and whatever else holds elements at a worker."""

    def __init__(self) -> None:
        self.types: list[Any] = []
        self.others: list[str] = []

    def enter_composite_transform(self, node: Any) -> None:
        if isinstance(node.transform, beam.Reshuffle):
            self.others.append(node.full_label)

    def visit_transform(self, node: Any) -> None:
        self.others += [node.full_label for _ in node.side_inputs]
        if isinstance(node.transform, beam.GroupByKey):
            self.types.append(node.inputs[0].element_type)
