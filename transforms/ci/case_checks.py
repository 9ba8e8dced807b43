"""The texts that test a function on recorded cases: `check(candidate)`, and a harness.

`check` is written as a person would write it. The harness is for judges that compare outside the
process of a candidate: it takes a call as text, and returns what came of it as text, so that only
data crosses. Where all values are literals no harness is needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transforms.ci.case_values import Argument, TracedCase
from transforms.ci.traced_values import TracedValue
from transforms.lib.python.modules import joined

SHOWN = '''def _shown(value):
    """A value as text: an object by its class and attributes, sets and dicts in sorted order."""
    import enum
    import sys

    kind = type(value)
    name = "" if kind in (dict, list, set, tuple) else kind.__name__
    if callable(value) and hasattr(value, "__qualname__"):
        return value.__qualname__
    if isinstance(value, enum.Enum):
        return f"{name}.{value.name}"
    if isinstance(value, dict):
        items = [f"{_shown(key)}: {_shown(item)}" for key, item in dict.items(value)]
        text = ", ".join(items if name == "OrderedDict" else sorted(items))
        text = f"{name}{{{text}}}"
    elif isinstance(value, (set, frozenset)):
        text = f"{name}{{{', '.join(sorted(map(_shown, value)))}}}"
    elif isinstance(value, (list, tuple)):
        begin, end = "[]" if isinstance(value, list) else "()"
        text = f"{name}{begin}{', '.join(map(_shown, value))}{end}"
    elif kind.__repr__ is object.__repr__:
        text = name
    elif kind.__module__.partition(".")[0] in sys.stdlib_module_names:
        return repr(value)
    else:  # its own __repr__ may need more than the object has
        bases = [base for base in (str, bytes, int, float) if isinstance(value, base)]
        text = name + "".join(base.__repr__(value) for base in bases)
    attributes = dict(getattr(value, "__dict__", {}))
    for slot in [slot for owner in kind.__mro__ for slot in vars(owner).get("__slots__", ())]:
        if hasattr(value, slot):
            attributes[slot] = getattr(value, slot)
    if isinstance(value, Exception):
        attributes["args"] = value.args
    items = sorted(f"{key}={_shown(item)}" for key, item in attributes.items())
    return f"{text}({', '.join(items)})" if items else text
'''
OBJECT = '''def _object(kind, attributes, value=None):
    """An object of a class with these attributes, and the value if it is of a built-in type."""
    if issubclass(kind, Exception):
        made = Exception.__new__(kind, *value)
    else:
        made = object.__new__(kind) if value is None else type(value).__new__(kind, value)
    if isinstance(value, (dict, list, set)):
        type(value).__init__(made, value)
    for name, attribute in attributes.items():
        object.__setattr__(made, name, attribute)
    return made
'''
CALL = '''def call(candidate, arguments):
    """What comes of a call, as text; `arguments` holds one text, as it stands in the call."""
{imports}
    def called(*values, **named):
        try:
            result = candidate(*values, **named)
{gather}            answer = _shown(result)
        except Exception as error:
            answer = "raises " + type(error).__qualname__
        return {answer}

    return eval(f"called({{arguments[0]}})", globals(), locals())
'''
GATHER = """            result = list(result)
"""


@dataclass(frozen=True)
class ProgramNames:
    """How a program names classes and functions: `own` are those that it defines itself."""

    own: frozenset[tuple[str, str]]

    def name(self, module: str, qualname: str) -> str:
        """The name of a class or function; others than its own with their module."""
        if (module, qualname) in self.own or module == "builtins":
            return qualname
        return f"{module}.{qualname}"

    def imports(self, cases: Iterable[TracedCase]) -> list[str]:
        """The modules that cases name, sorted."""
        references = {pair for case in cases for pair in case.references()}
        return sorted({module for module, name in references - self.own})

    def written(self, value: TracedValue) -> str:
        """A value as the program writes it."""
        return value.written(self.name)


def needs_harness(cases: Sequence[TracedCase], entry_point: str) -> bool:
    """Whether a case is more than literals of positional arguments and of a result."""
    return "." in entry_point or not all(case.is_plain for case in cases)


def harness_text(cases: Sequence[TracedCase], names: ProgramNames) -> str:
    """The definition of `call(candidate, arguments)`, with what it calls."""
    imports = "".join(f"    import {module}\n" for module in names.imports(cases))
    has_objects = any(value.has_objects for case in cases for value in case.values())
    mutates = any(case.mutates for case in cases)
    call = CALL.format(
        imports=imports,
        gather=GATHER if any(case.is_generator for case in cases) else "",
        answer="answer, _shown((values, named))" if mutates else "answer",
    )
    return joined(SHOWN, OBJECT if has_objects else "", call)


def check_of_cases(cases: Sequence[TracedCase], names: ProgramNames) -> str:
    """The text of `check(candidate)`."""
    imports = [f"    import {module}\n" for module in names.imports(cases)]
    body = [line for case in cases for line in _assertions(case, names)]
    text = "def check(candidate):\n" + "".join([*imports, *body])
    has_objects = any(value.has_objects for case in cases for value in case.values())
    return joined(SHOWN if "_shown(" in text else "", OBJECT if has_objects else "", text)


def _assertions(case: TracedCase, names: ProgramNames) -> list[str]:
    """The statements that test one case, indented."""
    lines, written = list[str](), list[str]()
    changed: list[tuple[str, Argument]] = []
    for argument in case.arguments:
        text = names.written(argument.value)
        if argument.after is not None:
            variable = f"value_{len(changed) + 1}"
            changed.append((variable, argument))
            lines.append(f"{variable} = {text}")
            text = variable
        written.append(argument.prefix + text)
    call = f"candidate({', '.join(written)})"
    if case.is_generator:
        call = f"list({call})"
    if case.exception:
        kind = names.name(*case.exception.split(":"))
        lines += ["try:", f"    {call}", f"except {kind}:", "    pass", "else:"]
        lines.append(f'    raise AssertionError("no {kind.rpartition(".")[2]}")')
    elif case.result is not None:
        lines.append(_assertion(call, case.result, names))
    lines += [_assertion(variable, a.after, names) for variable, a in changed if a.after]
    return [f"    {line}\n" for line in lines]


def _assertion(call: str, expected: TracedValue, names: ProgramNames) -> str:
    text = names.written(expected)
    if text in ("None", "True", "False"):
        return f"assert {call} is {text}"
    if expected.has_objects or "nan" in text:
        return f"assert _shown({call}) == _shown({text})"
    return f"assert {call} == {text}"
