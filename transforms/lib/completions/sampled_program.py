"""The program that a sample of a task is: as it came, cut at stop sequences, or extracted."""

from collections.abc import Sequence

from transforms.lib.completions.extracted_program import (
    ExtractedProgram,
    as_it_came,
    extract_program,
)
from transforms.lib.completions.given_sample import Form
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.completions.stop_sequences import PAPER_STOPS, cut, header_end


def sampled_program(
    text: str,
    form: Form,
    task: RunnableTask,
    stops: Sequence[str] = (),
    sanitize: bool | None = None,
) -> ExtractedProgram:
    """The program of a sample, and where it was found.

    Completions are cut at the first of `stops`; those of the paper do not count where the
    completion is a whole program, which has such lines itself. `sanitize` says whether the program
    is extracted; None: from chats' answers alone.
    """
    if not task.begins_program:
        stops = [stop for stop in stops if stop not in PAPER_STOPS]
    if form == "completion" and stops:
        text = cut(text, stops, header_end(text, task.prompt, task.entry_point))
    if form == "answer" if sanitize is None else sanitize:
        return extract_program(text, form, task)
    return as_it_came(text, form, task)
