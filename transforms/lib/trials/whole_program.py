"""What of a prompt and its completion is the program, where an answer repeats the function."""

from transforms.lib.python.parsing import parse_or_none
from transforms.lib.trials.candidate import Candidate


def whole_program(problem: Candidate, program: str) -> str:
    """The program; or what follows the prompt in it, if only that is one, with the entry point.

    So is an answer that repeats the function and cannot continue the prompt.
    """
    rest = program.removeprefix(problem.prompt)
    if problem.is_program or parse_or_none(program) or rest == program:
        return program
    name = problem.entry_point.partition(".")[0]
    tree = parse_or_none(rest)
    is_whole = tree and any(getattr(node, "name", None) == name for node in tree.body)
    return rest if is_whole else program
