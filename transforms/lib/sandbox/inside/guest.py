"""One process of a run in a machine of its own (gVisor): the same roles, without a fork server."""

import os
import sys
from typing import Any, NoReturn

from transforms.lib.sandbox.inside import kernel
from transforms.lib.sandbox.inside.confinement import Setting, enter_folder, seal, set_limits
from transforms.lib.sandbox.inside.process import perform

INPUT, OUTPUT, RESULTS = 0, 1, 2  # a machine gets three descriptors


class Guest:
    """Confinement in a machine that ends with its process, which needs little more than limits."""

    keep: tuple[int, ...] = ()

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def confine(self, limits: dict[str, int]) -> None:
        """Enter the folder, set the limits that gVisor has, load the filter.

        User and files are set by the configuration of the machine.
        """
        enter_folder(self._setting)
        set_limits(limits, self._setting.kind, 0)
        seal(kernel.Filter.of(self._setting.filter))


def main(order: str, role: str, limits: dict[str, int], fields: dict[str, Any]) -> NoReturn:
    """Perform a role like a process of the fork server; the order is in a file.

    `fields` are those of Setting.
    """
    order_file = os.open(order, os.O_RDONLY)
    descriptors = [order_file, *map(os.dup, (RESULTS, INPUT, OUTPUT))]
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (INPUT, OUTPUT, RESULTS):
        os.dup2(null, standard)
    setting = Setting(**fields)
    sys.path.extend(setting.path)
    perform(role, descriptors, limits, Guest(setting))
