"""One process of a run in a machine of its own (gVisor): the same roles without a fork server."""

import os
from typing import Any, NoReturn

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import Setting, enter_folder, seal, set_limits
from transforms.lib.sandbox.inside.process import perform

INPUT, OUTPUT, RESULTS = 0, 1, 2  # a machine is given three descriptors


class Guest:
    """Confinement in a machine that ends with its process: what is left are the limits."""

    keep: tuple[int, ...] = ()

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def confine(self, limits: dict[str, int]) -> None:
        """The folder, the limits that gVisor has, the filter; user and files are the machine's."""
        enter_folder(self._setting)
        set_limits(limits, self._setting.kind, 0)
        seal(kernel.Filter.of(self._setting.filter))


def main(order: str, role: str, limits: dict[str, int], fields: dict[str, Any]) -> NoReturn:
    """Work on the order in a file; else as a process of the fork server."""
    given = os.open(order, os.O_RDONLY)
    descriptors = [given, *map(os.dup, (RESULTS, INPUT, OUTPUT))]
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (INPUT, OUTPUT, RESULTS):
        os.dup2(null, standard)
    perform(role, descriptors, limits, Guest(Setting(**fields)))
