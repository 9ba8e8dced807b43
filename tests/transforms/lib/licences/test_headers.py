"""The licence in the head of a file: notices as their licences ask for them, and what is none."""

import pyarrow as pa
import pytest

from tests.transforms.lib.licences.test_licences import BSD_2, BSD_3, MIT
from transforms.lib.licences import NO_ASSERTION
from transforms.lib.licences.blue_oak import is_copyleft, ratings
from transforms.lib.licences.headers import HEAD_BYTES, conflicts, licences_of_heads
from transforms.lib.text.batch import text_batch

FREE = """This program is free software: you can redistribute it and/or modify
it under the terms of the GNU {}General Public License as published by
the Free Software Foundation, either version {} of the License, or
(at your option) any later version.

This program is distributed in the hope that it will be useful,
but WITHOUT ANY WARRANTY; without even the implied warranty of
MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
GNU {}General Public License for more details.
"""
ONLY = """This program is free software; you can redistribute it and/or modify it
under the terms of the GNU General Public License version 2 as published by
the Free Software Foundation.
"""
APACHE = """Licensed under the Apache License, Version 2.0 (the "License");
you may not use this file except in compliance with the License.
You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0
"""
MPL = """This Source Code Form is subject to the terms of the Mozilla Public
License, v. 2.0. If a copy of the MPL was not distributed with this
file, You can obtain one at http://mozilla.org/MPL/2.0/.
"""
TRIPLE = """Version: MPL 1.1/GPL 2.0/LGPL 2.1

The contents of this file are subject to the Mozilla Public License Version
1.1 (the "License"); you may not use this file except in compliance with
the License.

Alternatively, the contents of this file may be used under the terms of
either the GNU General Public License Version 2 or later (the "GPL"), or
the GNU Lesser General Public License Version 2.1 or later (the "LGPL"),
in which case the provisions of the GPL or the LGPL are applicable.
"""
NOTICES = [
    (FREE.format("", "3", ""), "GPL-3.0-or-later"),
    (FREE.format("Affero ", "3", "Affero "), "AGPL-3.0-or-later"),
    (FREE.format("Lesser ", "2.1", "Lesser "), "LGPL-2.1-or-later"),
    (FREE.format("Library ", "2", "Library "), "LGPL-2.0-or-later"),
    (ONLY, "GPL-2.0-only"),
    ("License: GPLv3+", "GPL-3.0-or-later"),
    ("Licensed under the GPL v2 license", "GPL-2.0-only"),
    ("Distributed under the GNU General Public License.", "GPL-1.0-or-later"),
    (APACHE, "Apache-2.0"),
    (MPL, "MPL-2.0"),
    (TRIPLE, "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1"),
    (MIT, "MIT"),
    ("License: MIT", "MIT"),
    ("Released under the MIT license.", "MIT"),
    (BSD_2, "BSD-2-Clause"),
    (BSD_3, "BSD-3-Clause"),
    ("Use of this source code is governed by a BSD-style license.", "BSD-3-Clause"),
    ("Dual licensed under the MIT license and the GPL v2.", "GPL-2.0-only OR MIT"),
    ("SPDX-License-Identifier: gpl-2.0+", "GPL-2.0-or-later"),
    ("SPDX-License-Identifier: MIT OR GPL-2.0-only", "MIT OR GPL-2.0-only"),
    ("SPDX-License-Identifier: (MIT)\nSPDX-License-Identifier: ISC", "(MIT) AND ISC"),
    ("SPDX-License-Identifier: MIT\n" + APACHE, "MIT"),
    ("SPDX-License-Identifier: as you like\n" + APACHE, "Apache-2.0"),
    ("Copyright 2020 A. All rights reserved; no license is given.", None),
    ("Compare with the GNU General Public License, which is longer.", None),
]


def comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def licence_of(text: str) -> str | None:
    (found,) = licences_of_heads(text_batch(pa.array([text])))
    return found


@pytest.mark.parametrize(("notice", "licence"), NOTICES)
def test_notices(notice: str, licence: str | None) -> None:
    """In a comment, in a docstring, and after what else may come first."""
    code = "import os\n\nx = 1\n"
    assert licence_of(comment(notice) + code) == licence
    assert licence_of("#!/usr/bin/python\n# -*- coding: utf-8 -*-\n\n" + comment(notice)) == licence
    assert licence_of(f'\ufeff"""A module.\n\n{notice}"""\n{code}') == licence
    assert licence_of(f'"""A module."""\r\n{comment(notice)}'.replace("\n", "\r\n")) == licence


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n" + comment(FREE.format("", "3", "")),
        f"import os\nLICENCE = '''{FREE.format('', '3', '')}'''\n",
        "#\n" * HEAD_BYTES + comment(APACHE),
        "",
    ],
)
def test_what_stands_further_down_is_no_licence_of_the_file(text: str) -> None:
    assert licence_of(text) is None


@pytest.mark.parametrize(
    ("project", "file", "conflict"),
    [
        ("MIT", "GPL-3.0-or-later", True),
        ("Apache-2.0 OR MIT", "LGPL-2.1-only", True),
        ("MIT", "(MIT OR Apache-2.0) AND MPL-2.0", True),
        ("MIT", "MIT OR GPL-2.0-only", False),
        ("MIT", "Apache-2.0", False),
        ("MIT", "LicenseRef-Ours", False),
        ("MIT", None, False),
        ("GPL-3.0-only", "GPL-3.0-or-later", False),
        (NO_ASSERTION, "GPL-3.0-or-later", False),
        (None, "GPL-3.0-or-later", False),
    ],
)
def test_conflicts(project: str | None, file: str | None, conflict: bool) -> None:
    assert conflicts(project, file) is conflict


def test_the_list() -> None:
    """All ratings are there, no copyleft licence is, and those that quire knew before it are."""
    known = ("0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 HPND ISC MIT MIT-0 NCSA "
             "PSF-2.0 PostgreSQL Python-2.0 Unlicense WTFPL X11 ZPL-2.1 Zlib")  # fmt: skip
    assert set(ratings().values()) == {"model", "gold", "silver", "bronze", "lead"}
    assert set(known.split()) < set(ratings())
    assert not any(map(is_copyleft, ratings()))
