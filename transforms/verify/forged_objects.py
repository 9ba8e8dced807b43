"""A program of objects that agree with whatever a test compares them with.

Where a probe compares two objects of a program's own class, the class decides itself whether they
are equal. A problem all of whose tests do so is passed by a class that always says yes, which the
guards of a probe cannot tell from a right one: it is no problem.
"""

from transforms.lib.problems.provided_imports import ALWAYS_DEFINED
from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected
from transforms.lib.trials.candidate import PROBE_MARK, Candidate

FORGED = "forged"  # the name of the program in verdicts
EXCEPTION_ENDINGS = ("Error", "Exception")  # of names that are raised and not compared
CLASS_TEXT = """
class _Kind(type):
    def __getattr__(cls, name):
        if name[:2] == "__":
            raise AttributeError(name)
        return _Forged()
    def __instancecheck__(cls, instance):
        return True


class _Forged(metaclass=_Kind):
    def __init__(self, *given, **named):
        self.own = 1
    def __eq__(self, other):
        return type(other) is _Forged and getattr(other, "own", 0) == 1
    def __hash__(self):
        return 0
    def __getattr__(self, name):
        if name == "own" or name[:2] == "__":
            raise AttributeError(name)
        return _Forged()
    def _forged(self, *given, **named):
        return _Forged()
    def _yes(self, *given):
        return True
    def __iter__(self):
        return iter([_Forged()])
    def __len__(self):
        return 1
    __call__ = __getitem__ = __enter__ = __add__ = __sub__ = __mul__ = __truediv__ = _forged
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __pow__ = __rpow__ = __abs__ = __neg__ = _forged
    __contains__ = __exit__ = __lt__ = __le__ = __gt__ = __ge__ = _yes


"""


def forged_program(problem: Candidate) -> str | None:
    """A program in which all that the tests use is such a class; None for tests without probes."""
    if PROBE_MARK not in problem.harness:
        return None
    try:
        used = Module(problem.harness).free_names - ALWAYS_DEFINED
    except Rejected:  # no run of the reference has passed with it
        return None
    return CLASS_TEXT + "".join(map(_definition, sorted(used | {problem.entry_point})))


def _definition(name: str) -> str:
    if name.endswith(EXCEPTION_ENDINGS):
        return f"class {name}(Exception): pass\n"
    return f"{name} = _Forged\n"
