"""Licences: what metadata declares, what texts are detected, one SPDX expression of both."""

from pathlib import Path

import pytest

from transforms.lib import licences
from transforms.lib.licences import (
    declared,
    detected,
    is_licence_file,
    is_permissive,
    normalised,
    texts,
)
from transforms.lib.licences.texts import spdx_ids

MIT = """MIT License

Copyright (c) 2021 Somebody Somewhere <somebody@example.org> and others

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
REDISTRIBUTION = """Copyright (c) 2020, Somebody. All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.
{third}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
THIRD = """
3. Neither the name of the copyright holder nor the names of its contributors may be used to
   endorse or promote products derived from this software without specific prior written permission.
"""
BSD_2, BSD_3 = REDISTRIBUTION.format(third=""), REDISTRIBUTION.format(third=THIRD)
APACHE = (Path(__file__).parents[4] / "LICENSE").read_text()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (MIT, ["MIT"]),
        (MIT.replace("\n", "\r\n"), ["MIT"]),
        (BSD_2, ["BSD-2-Clause"]),
        (BSD_3, ["BSD-3-Clause"]),
        (APACHE, ["Apache-2.0"]),
        (BSD_3 + "\n\nbundled:\n\n" + MIT, ["BSD-3-Clause", "MIT"]),
        ("All rights reserved. Ask us.", []),
        ("", []),
        (" \n", []),
        ("\ufffd" * 99, []),
    ],
    ids=["MIT", "CRLF", "BSD-2", "BSD-3", "Apache", "bundle", "none", "empty", "blank", "binary"],
)
def test_texts(text: str, ids: list[str]) -> None:
    assert spdx_ids(text) == ids


def test_detected_joins_the_texts() -> None:
    assert detected([BSD_3, MIT, MIT, "see LICENSE"]) == "BSD-3-Clause AND MIT"
    assert detected([]) is detected(["nothing"]) is None


def test_a_text_made_to_backtrack_is_given_up(monkeypatch) -> None:
    """The pattern of HPND has two gaps of any length in a row, which takes quadratic time."""
    hostile = (
        "Permission to use, copy, modify and distribute this software for any purpose and without "
        "fee is hereby granted, provided that the above copyright notice appear in all copies and "
        "that both that copyright notice and this permission notice appear in supporting "
        "documentation, and that the name of " + "all\n" * 10_000
    )
    monkeypatch.setattr(texts, "CPU_SECONDS", 1)
    assert spdx_ids(hostile[: licences.MAX_TEXT_CHARACTERS]) is None
    assert detected([hostile, MIT, hostile + "longer"]) == "MIT"


def test_too_long_and_too_many_texts_are_cut(monkeypatch) -> None:
    matched: list[str] = []
    monkeypatch.setattr(licences, "spdx_ids", lambda text: matched.append(text) or [])
    detected([f"{i} {'x' * 99_999}" for i in range(1000)])
    assert len(matched) == licences.MAX_TEXTS
    assert {len(text) for text in matched} == {licences.MAX_TEXT_CHARACTERS}


def info(*lines: str) -> str:
    return "\n".join(["Metadata-Version: 2.1", "Name: x", *lines, "", "License: no header"])


OSI = "Classifier: License :: OSI Approved"


@pytest.mark.parametrize(
    ("pkg_info", "licence", "expression"),
    [
        (info("License-Expression: MIT"), "MIT", "MIT"),
        (
            info("License-Expression: mit or (apache-2.0 and isc)"),
            "mit or (apache-2.0 and isc)",
            "MIT OR (Apache-2.0 AND ISC)",
        ),
        (info("License-Expression: MIT", f"{OSI} :: Apache Software License"), "MIT", "MIT"),
        (info("License-Expression: " + "(" * 5000), "(" * 1000, "NOASSERTION"),
        (info(f"{OSI} :: MIT License"), "MIT License", "MIT"),
        (
            info(f"{OSI} :: MIT License", f"{OSI} :: Apache Software License"),
            "Apache Software License OR MIT License",
            "Apache-2.0 OR MIT",
        ),
        (info(f"{OSI} :: MIT License", f"{OSI} :: MIT License"), "MIT License", "MIT"),
        (info(f"{OSI} :: MIT License", "License: BSD"), "MIT License", "MIT"),
        (
            info(f"{OSI} :: GNU General Public License v2 or later (GPLv2+)"),
            "GNU General Public License v2 or later (GPLv2+)",
            "GPL-2.0-or-later",
        ),
        (info(f"{OSI} :: BSD License"), "BSD License", "BSD-3-Clause"),
        (
            info("Classifier: License :: Other/Proprietary License"),
            "Other/Proprietary License",
            "LicenseRef-Proprietary",
        ),
        (info("Classifier: License :: OSI Approved"), None, "NOASSERTION"),
        (info("Classifier: Topic :: MIT License"), None, "NOASSERTION"),
        (info("License: MIT"), "MIT", "MIT"),
        (info("License: apache license, version 2.0"), "apache license, version 2.0", "Apache-2.0"),
        (info("License: GPL-2.0"), "GPL-2.0", "GPL-2.0-only"),
        (info("License: LGPL-2.1+"), "LGPL-2.1+", "LGPL-2.1-or-later"),
        (info("License: GPL-3.0-or-later"), "GPL-3.0-or-later", "GPL-3.0-or-later"),
        (info("License: UNKNOWN"), None, "NOASSERTION"),
        (info("License: do what you want"), "do what you want", "NOASSERTION"),
        (
            info("License: MIT License", "        ", "        Permission is hereby granted"),
            None,
            "NOASSERTION",
        ),
        (info("License: " + "x" * 61), None, "NOASSERTION"),
        (info(), None, "NOASSERTION"),
        ("", None, "NOASSERTION"),
        ("\ufffd\n\n:", None, "NOASSERTION"),
    ],
)
def test_declared(pkg_info: str, licence: str | None, expression: str) -> None:
    assert declared(pkg_info) == licence
    assert normalised(licence, None) == expression


@pytest.mark.parametrize(
    ("in_metadata", "in_texts", "expression"),
    [
        (None, "MIT", "MIT"),
        (None, None, "NOASSERTION"),
        ("Apache-2.0", "MIT", "Apache-2.0"),
        ("something of our own", "MIT AND BSD-3-Clause", "MIT AND BSD-3-Clause"),
        ("BSD", "BSD-2-Clause", "BSD-2-Clause"),  # the text knows which
        ("BSD License OR MIT License", None, "BSD-3-Clause OR MIT"),
        ("Other/Proprietary License", "MIT", "LicenseRef-Proprietary"),
    ],
)
def test_declared_before_detected(
    in_metadata: str | None, in_texts: str | None, expression: str
) -> None:
    assert normalised(in_metadata, in_texts) == expression


@pytest.mark.parametrize(
    ("path", "states"),
    [
        ("LICENSE", True),
        ("LICENCE.txt", True),
        ("License.rst", True),
        ("LICENSE.md", True),
        ("LICENSE-MIT", True),
        ("LICENSE.APACHE", True),
        ("LICENSE-2.0", True),
        ("COPYING.LESSER", True),
        ("UNLICENSE", True),
        ("LICENSES/MIT.txt", True),
        ("p-1.dist-info/LICENSE", True),
        ("p-1.dist-info/licenses/LICENSE.txt", True),
        ("license.py", False),
        ("LICENSES/check.py", False),
        ("LICENSES/sub/MIT.txt", False),
        ("LICENSES", True),
        ("src/LICENSE", False),
        ("src/LICENSES/MIT.txt", False),
        ("vendor/p-1.dist-info/LICENSE", False),
        ("licensecheck.yaml", False),
        ("license-report.json", False),
        ("copyrights.txt", False),
        ("NOTICE", False),
        ("README", False),
    ],
)
def test_licence_files(path: str, states: bool) -> None:
    assert is_licence_file(path) is states


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND LGPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND (ISC OR GPL-2.0-only)", True),
        ("GPL-3.0-only OR (MIT AND (BSD-3-Clause OR GPL-2.0-only))", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("LicenseRef-MIT", False),
        ("NOASSERTION", False),
        ("(", False),
        ("", False),
        (None, False),
    ],
)
def test_permissive(expression: str | None, permissive: bool) -> None:
    assert is_permissive(expression) is permissive
