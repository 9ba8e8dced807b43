"""What looks wrong about the samples of a run, to be said at its end and once as it is met."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.sample.endpoint.choices import Completion
from transforms.sample.endpoint.decoding_settings import Settings
from transforms.sample.run_messages import RunMessages

CHAT_MODEL = "is this a chat model? (--chat)"
USED_UP = "did reasoning use up --max-tokens?"
EQUAL_SHARE = 0.9  # of the tasks with several samples; some tasks have one likely answer


@dataclass
class SampleWarnings:
    """Counts of the samples that hint at a wrong endpoint, model or flag."""

    settings: Settings
    messages: RunMessages
    samples: int = 0
    empty: int = 0
    at_length: int = 0  # ended by max_tokens
    unranked: int = 0  # without the log-probabilities that were requested
    _first: dict[str, str] = field(default_factory=dict)  # of each task, a text
    _of_task: Counter[str] = field(default_factory=Counter)
    _vary: set[str] = field(default_factory=set)  # tasks with samples that differ

    def add(self, task_id: str, completions: list[Completion]) -> None:
        """Count samples of a task."""
        for drawn in completions:
            self.samples += 1
            self.empty += not drawn.text.strip()
            self.at_length += drawn.finish_reason == "length"
            self._of_task[task_id] += 1
            if self._first.setdefault(task_id, drawn.text) != drawn.text:
                self._vary.add(task_id)
            if drawn.logprobs:
                self.unranked += drawn.logprobs.values is None
                if drawn.logprobs.fault:
                    self.messages.add(
                        drawn.logprobs.fault, f"log-probabilities: {drawn.logprobs.fault}"
                    )

    def lines(self) -> Iterator[str]:
        """What the user should know of the samples."""
        of_all = f"of {self.samples} samples"
        if self.unranked:
            yield f"{self.unranked} {of_all} have no log-probabilities"
        if 2 * self.empty > self.samples:
            why = USED_UP if self.settings.chat else CHAT_MODEL
            yield f"most completions are empty ({self.empty} {of_all}): {why}"
        if self.at_length:
            yield f"{self.at_length} {of_all} end at --max-tokens"
        # A server that ignores both draws equal samples of all tasks; empty ones say nothing.
        repeated = [
            task for task, n in self._of_task.items() if n > 1 and self._first[task].strip()
        ]
        equal = sum(task not in self._vary for task in repeated)
        if self.settings.temperature > 0 and equal and equal >= EQUAL_SHARE * len(repeated):
            yield (
                f"the samples of a task are all equal for {equal} of {len(repeated)} tasks, at "
                f"temperature {self.settings.temperature:g}: does the server ignore n and seed?"
            )
