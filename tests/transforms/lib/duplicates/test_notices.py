"""Licence notices at the head of files against their definition in plain Python."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.plain_duplicates import slow_notice_end, slow_shingles
from transforms.lib.duplicates.notices import NOTICE_WORDS, notice_end

APACHE = (
    "Licensed under the Apache License, Version 2.0. Software distributed under the License is\n"
    "distributed WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND. See the License for permissions.\n"
)
IN_COMMENTS = "".join(f"# {line}\n" for line in APACHE.splitlines())
QUOTES = ['"""', "'''"]
MARKS = [*"#\n\r '\"ru.x", "\ufeff", "© ", "\n# ", "été", "def", *QUOTES]
TERMS = ["Copyright", "copyri", "LICENCE", "sublicense", "SPDX-License", "spdxs", "warranty"]


def rest(text: str) -> str:
    """What follows the notice of a text."""
    data = np.frombuffer(text.encode(), np.uint8)
    return data[notice_end(data, 0, len(data), NOTICE_WORDS) :].tobytes().decode()


@given(st.lists(st.sampled_from([*MARKS, *TERMS, "permission", "merchant"]), max_size=30))
@example(["# licence\n", '"""copyright licensed warranty"""', "\n'''spdx'''"])
def test_a_notice_ends_where_the_definition_says(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert rest(text) == text[slow_notice_end(text) :]


@pytest.mark.parametrize(
    "notice",
    [
        "# Copyright 2020 The Authors\n",
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n# SPDX-License-Identifier: MIT\n\n",
        "\ufeff# Part of Odoo. See LICENSE file for full details.\r\n",
        "# © 2020 A\r#\r# All rights reserved\r",
        IN_COMMENTS,
        f'"""{APACHE}"""',
        f"#!/usr/bin/env python\nr'''{APACHE}'''\n\n# The licence ends here.\n",
    ],
)
def test_a_notice_is_left_out(notice: str) -> None:
    program = "import os\n# Copyright 2021 B\n"
    assert rest(notice + program).strip() == program.strip()


@pytest.mark.parametrize(
    "text",
    [
        "# How to sort a list of numbers, step by step\nprint(sorted([3, 1]))\n",
        '"""Sorts numbers.\n\n:copyright: 2020 by A\n:license: MIT\n"""\nprint(1)\n',
        "x = 1  # Copyright 2020\n",
        '"""Copyright, licence, warranty, liable',
    ],
)
def test_what_a_program_says_of_itself_stays(text: str) -> None:
    assert rest(text) == text


def test_a_file_with_nothing_else_is_compared_by_its_notice() -> None:
    assert slow_shingles(IN_COMMENTS) < slow_shingles(IN_COMMENTS + "x = 1\n")
