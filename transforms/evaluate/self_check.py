"""The reference self-check: a set's own solutions must pass its tests before samples are judged.

References run in the same sandbox as samples do, with the same limits. What fails them (a library
that is not lent, a limit, an answer that is no data) would fail right samples too, without a word.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

from transforms.evaluate.judgement import judge
from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.lent_packages import evaluation_sandbox
from transforms.evaluate.request import Evaluation
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox.verdict_columns import storable_line

NOT_FOUND = re.compile(r"\bModuleNotFoundError: No module named '([^'.]+)")
CALM = 10  # times the wall time of a sample, for a reference that runs alone
SHOWN_TASKS = 20  # of those that fail for the same reason
Failures = dict[str, str]  # why, by task id


def failing_references(
    tasks: Mapping[str, RunnableTask], evaluation: Evaluation, threads: int = 1
) -> Failures:
    """The tasks whose reference fails, in the order of `tasks`; those without one are left out.

    Each thread has a sandbox of its own. What hits the wall limit may do so because the machine is
    busy, so it runs again alone, with more of it.
    """
    names = [task_id for task_id, task in tasks.items() if task.reference]
    shares = [share for number in range(threads) if (share := names[number::threads])]

    def failures(share: list[str]) -> dict[str, Judged]:
        return dict(_failures(share, tasks, evaluation))

    with ThreadPoolExecutor(max(1, len(shares))) as pool:
        found = {name: each for share in pool.map(failures, shares) for name, each in share.items()}
    slow = [name for name in names if name in found and found[name].ending.limit == "wall"]
    for name in slow:
        del found[name]
    limits = evaluation.limits
    calm = replace(evaluation, limits=replace(limits, wall=CALM * limits.wall))
    found |= dict(_failures(slow, tasks, calm)) if slow else {}
    return {name: _why(found[name]) for name in names if name in found}


def _failures(
    names: Iterable[str], tasks: Mapping[str, RunnableTask], evaluation: Evaluation
) -> Iterator[tuple[str, Judged]]:
    with evaluation_sandbox(evaluation) as sandbox:
        for name in names:
            task = tasks[name]
            judged = judge(sandbox, task, task.reference, evaluation.limits)
            if not judged.passed:
                yield name, judged


def _why(judged: Judged) -> str:
    return storable_line(" ".join((judged.why or str(judged.ending)).split()))


def failure_lines(failures: Failures) -> list[str]:
    """A line for each reason, with the tasks that fail for it; what most fail for comes first.

    >>> failure_lines({"a": "limit: cpu", "b": "ModuleNotFoundError: No module named 'pandas'"})
    ["b: library 'pandas' is not lent (--libraries FOLDER)", 'a: limit: cpu']
    """
    reasons = sorted(
        (_reason(why), number, name) for number, (name, why) in enumerate(failures.items())
    )
    groups = [
        (reason, [name for _, _, name in rows])
        for reason, rows in groupby(reasons, lambda row: row[0])
    ]
    groups.sort(key=lambda group: -len(group[1]))
    return [f"{_named(names)}: {reason}" for reason, names in groups]


def _reason(why: str) -> str:
    """The reason for a failure, as far as several tasks can have the same."""
    missing = NOT_FOUND.search(why)
    return f"library {missing[1]!r} is not lent (--libraries FOLDER)" if missing else why


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN_TASKS])
    return shown if len(names) <= SHOWN_TASKS else f"{shown} and {len(names) - SHOWN_TASKS} more"
