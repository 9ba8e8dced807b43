"""The recorded calls of a function as cases: arguments as they are written in a call."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transforms.ci.traced_values import OPAQUE, Names, TracedValue
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.syntax_trees import Function

UNRAISABLE = ("builtins:GeneratorExit", "builtins:SystemExit", "builtins:KeyboardInterrupt")


@dataclass(frozen=True)
class Argument:
    """One argument of a call, written after `prefix` (`name=`, `**` or nothing).

    `after` is its value after the call, where that is another one; `name` the parameter's.
    """

    prefix: str
    value: TracedValue
    name: str
    after: TracedValue | None = None


@dataclass(frozen=True)
class TracedCase:
    """A recorded call and its outcome.

    result: what it returned, or of a generator all that it gave, as a list; exception:
    module:qualname of what it raised.
    """

    arguments: tuple[Argument, ...]
    result: TracedValue | None
    exception: str | None
    is_generator: bool
    test: str | None

    @property
    def is_plain(self) -> bool:
        """Whether arguments and result are literals, and nothing else happened."""
        return (
            self.result is not None
            and not self.is_generator
            and not self.mutates
            and self.result.is_literal
            and all(each.value.is_literal and not each.prefix for each in self.arguments)
        )

    @property
    def mutates(self) -> bool:
        """Whether an argument was changed."""
        return any(argument.after is not None for argument in self.arguments)

    @cached_property
    def outcome_key(self) -> str:
        """A text that is the same for cases with the same outcome."""
        after = [a.after.canonical() if a.after else "" for a in self.arguments]
        result = self.result.canonical() if self.result else ""
        return f"{self.exception} {result} {after}"

    @cached_property
    def arguments_key(self) -> str:
        """A text that is the same for cases with the same arguments."""
        return str([each.prefix + each.value.canonical() for each in self.arguments])

    def values(self) -> Iterator[TracedValue]:
        """All values of the case."""
        for argument in self.arguments:
            yield argument.value
            if argument.after is not None:
                yield argument.after
        if self.result is not None:
            yield self.result

    def references(self) -> set[tuple[str, str]]:
        """The classes and functions that its values name, the exception included."""
        found = {pair for value in self.values() for pair in value.references}
        if self.exception:
            module, _, name = self.exception.partition(":")
            found.add((module, name))
        return {pair for pair in found if pair[0] != "builtins"}

    def written(self, names: Names) -> str:
        """The arguments as they stand between the parentheses of a call."""
        return ", ".join(each.prefix + each.value.written(names) for each in self.arguments)


def case_of(row: Mapping[str, Any], node: Function, bound: bool) -> TracedCase:
    """The case in a row of `calls`; `bound` says that its first argument is given by the class.

    Raises Rejected: `opaque_argument`, `opaque_result`, `partial_generator`, `exits`.
    """
    parts = {each["name"]: each for each in row["arguments"]}
    for name, part in parts.items():
        if part["value"] == OPAQUE and not (bound and name == row["arguments"][0]["name"]):
            raise Rejected("opaque_argument", name)
    after = {each["name"]: each["value"] for each in row["mutated"]}
    if OPAQUE in after.values():
        raise Rejected("opaque_argument", "after the call")
    arguments = list(_arguments(parts, after, node.args))[1 if bound else 0 :]
    is_generator = row["form"] == "generator"
    if row["form"] not in ("plain", "generator"):
        raise Rejected("coroutine", row["form"])
    if row["outcome"] == "raise":
        if row["exception"] in UNRAISABLE:
            reason = "partial_generator" if is_generator else "exits"
            raise Rejected(reason, row["exception"])
        if row["exception"] is None or "<" in row["exception"]:
            raise Rejected("opaque_result", "an exception")
        return TracedCase(tuple(arguments), None, row["exception"], is_generator, row["test"])
    result = row["value"]
    if is_generator:
        if any(item["value"] == OPAQUE for item in row["yields"]):
            raise Rejected("opaque_result", "of a generator")
        result = f"[{', '.join(item['value'] for item in row['yields'])}]"
    if result == OPAQUE:
        raise Rejected("opaque_result", "returned")
    return TracedCase(tuple(arguments), TracedValue(result), None, is_generator, row["test"])


def _arguments(
    parts: Mapping[str, Mapping[str, str]], after: Mapping[str, str], signature: ast.arguments
) -> Iterator[Argument]:
    """The arguments in the order of a call; raises Rejected if they are not those of the code."""
    positional = [each.arg for each in (*signature.posonlyargs, *signature.args)]
    named = [each.arg for each in signature.kwonlyargs]
    rest = [each.arg for each in (signature.vararg, signature.kwarg) if each]
    mangled = {name.rpartition("__")[2]: name for name in parts if name.startswith("_")}
    if len(parts) != len(positional) + len(named) + len(rest):
        raise Rejected("no_definition", "other parameters than were recorded")

    def value_of(name: str) -> tuple[TracedValue, TracedValue | None]:
        name = name if name in parts else mangled.get(name.lstrip("_"), name)
        if name not in parts:
            raise Rejected("no_definition", f"no parameter {name}")
        changed = TracedValue(after[name]) if name in after else None
        return TracedValue(parts[name]["value"]), changed

    for name in positional:
        value, changed = value_of(name)
        yield Argument("", value, name, changed)
    if signature.vararg:
        value, changed = value_of(signature.vararg.arg)
        yield from _spread(value, changed, signature.vararg.arg)
    for name in named:
        value, changed = value_of(name)
        yield Argument(f"{name}=", value, name, changed)
    if signature.kwarg:
        value, changed = value_of(signature.kwarg.arg)
        yield from _named(value, changed, signature.kwarg.arg)


def _spread(value: TracedValue, changed: TracedValue | None, name: str) -> Iterator[Argument]:
    afters = _elements(changed) if changed else [None] * len(_elements(value))
    for item, after in zip(_elements(value), afters, strict=True):
        is_same = after is None or after.text == item.text
        yield Argument("", item, name, None if is_same else after)


def _elements(value: TracedValue) -> list[TracedValue]:
    if not isinstance(value.tree, ast.Tuple):
        raise Rejected("no_definition", "arguments that are no tuple")
    return [TracedValue(ast.unparse(item)) for item in value.tree.elts]


def _named(value: TracedValue, changed: TracedValue | None, name: str) -> Iterator[Argument]:
    if not isinstance(value.tree, ast.Dict) or changed is not None:
        raise Rejected("opaque_argument", f"**{name} that changed")
    for key, item in zip(value.tree.keys, value.tree.values, strict=True):
        text = key.value if isinstance(key, ast.Constant) else None
        if not isinstance(text, str):
            raise Rejected("no_definition", "names that are no texts")
        prefix, inner = f"{text}=", TracedValue(ast.unparse(item))
        if not text.isidentifier():
            prefix, inner = "**", TracedValue(f"{{{text!r}: {ast.unparse(item)}}}")
        yield Argument(prefix, inner, name)


def chosen_cases(cases: Sequence[TracedCase], most: int) -> list[TracedCase]:
    """At most so many cases, those with outcomes of their own first, in the order of the calls.

    Calls with the same arguments and different outcomes are all left out.
    """
    outcomes: dict[str, set[str]] = {}
    for case in cases:
        outcomes.setdefault(case.arguments_key, set()).add(case.outcome_key)
    distinct: dict[str, TracedCase] = {}
    for case in cases:
        if len(outcomes[case.arguments_key]) == 1:
            distinct.setdefault(case.arguments_key, case)
    seen, ranked = dict[str, int](), list[tuple[int, int]]()
    steady = list(distinct.values())
    for number, case in enumerate(steady):
        seen[case.outcome_key] = seen.get(case.outcome_key, 0) + 1
        ranked.append((seen[case.outcome_key], number))
    return [steady[number] for number in sorted(number for _, number in sorted(ranked)[:most])]
