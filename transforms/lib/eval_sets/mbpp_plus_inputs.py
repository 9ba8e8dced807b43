"""Inputs of MBPP+ as Python values: JSON has no tuples, sets and complex numbers.

Which tasks need which is known from EvalPlus alone (`evalplus/data/mbpp.py` of release 0.3.1).
"""

from collections.abc import Callable
from typing import Any

Arguments = list[Any]


def _tuples(value: Any, levels: int) -> Any:
    """Lists as tuples: those that lie so many levels deep, and no others."""
    if levels == 0:
        return tuple(value) if isinstance(value, list | str) else value
    return [_tuples(part, levels - 1) for part in value] if isinstance(value, list) else value


def _tuples_throughout(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return tuple(_tuples_throughout(part) for part in value)


def _each(arguments: Arguments) -> Arguments:
    """Every argument is a tuple."""
    return [_tuples(value, 0) for value in arguments]


def _each_of_each(arguments: Arguments) -> Arguments:
    """Every argument is a list of tuples."""
    return [_tuples(value, 1) for value in arguments]


def _tuple_of_tuples(arguments: Arguments) -> Arguments:
    return _each(_each_of_each(arguments))


def _tuple_of_lists(arguments: Arguments) -> Arguments:
    """Every argument is a tuple, of which parts that are lists are tuples, too."""
    return [
        tuple(tuple(part) if isinstance(part, list) else part for part in value)
        for value in arguments
    ]


def _parts_of_first(arguments: Arguments) -> Arguments:
    """The first argument is a list of tuples."""
    return [_tuples(arguments[0], 1), *arguments[1:]]


def _first(arguments: Arguments) -> Arguments:
    return [_tuples(arguments[0], 0), *arguments[1:]]


def _second(arguments: Arguments) -> Arguments:
    return [arguments[0], _tuples(arguments[1], 0)]


def _values_of_first(arguments: Arguments) -> Arguments:
    """The first argument is a dict of tuples."""
    return [{key: _tuples(value, 0) for key, value in arguments[0].items()}, *arguments[1:]]


def _throughout(arguments: Arguments) -> Arguments:
    return [_tuples_throughout(value) for value in arguments]


def _sets(arguments: Arguments) -> Arguments:
    """The first argument is a list of sets; EvalPlus makes a dict of what is empty."""
    return [[set(part) if isinstance(part, list) and part else {} for part in arguments[0]]]


def _float_and_complex(arguments: Arguments) -> Arguments:
    return [float(arguments[0]), complex(arguments[1])]


def _complex(arguments: Arguments) -> Arguments:
    return [complex(arguments[0])]


FORMS: tuple[tuple[Callable[[Arguments], Arguments], tuple[int, ...]], ...] = (
    (
        _each,
        (2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424)
        + (429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809),
    ),
    (_each_of_each, (63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780)),
    (_parts_of_first, (75, 413, 444, 753)),
    (_second, (106, 750)),
    (_sets, (115,)),
    (_float_and_complex, (124,)),
    (_first, (250, 307, 405, 446, 617, 720, 763, 808)),
    (_complex, (252,)),
    (_tuple_of_tuples, (259, 401, 445)),
    (_tuple_of_lists, (278,)),
    (_values_of_first, (722,)),
    (_throughout, (580, 615, 791)),
)
FORM_OF_TASK = {number: form for form, numbers in FORMS for number in numbers}


MBPP = "Mbpp/"


def evalplus_arguments(task_id: str, arguments: Arguments) -> tuple[Any, ...]:
    """The arguments of a call, of the types that the task expects.

    Raises AttributeError, IndexError, TypeError or ValueError if they do not fit the task.

    >>> evalplus_arguments("Mbpp/2", [[3, 4], [5]]), evalplus_arguments("HumanEval/2", [[3, 4]])
    (((3, 4), (5,)), ([3, 4],))
    """
    if not task_id.startswith(MBPP):
        return tuple(arguments)
    form = FORM_OF_TASK.get(int(task_id.removeprefix(MBPP)))
    return tuple(form(arguments) if form else arguments)
