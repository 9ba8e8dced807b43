"""Domains of holders: of notices and authors alone, bounded whatever a text holds."""

import time

import pytest

from transforms.lib.rights.holders import MOST_DOMAINS, holder_domains, notice_domains


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "# Copyright (C) 2020 Jo Doe <jo@Sub.Example.COM>, ann@b.org.",
            {"sub.example.com", "b.org"},
        ),
        ("© 2020 jo@müller.example", set()),
        ("# SPDX-FileCopyrightText: 2020 Jo <jo@a.example>\r\n", {"a.example"}),
        ("# written by jo@a.example\n", set()),
        ("x = 'copyright @decorator @a.b'", set()),
        ("copyright " + "a" * 990 + " jo@a.example", set()),
        ("\n" * 4000 + "Copyright jo@a.example", set()),
    ],
)
def test_notices(text, found):
    assert notice_domains(text) == found


def test_bounds():
    hostile = "copyright " + "a@" * 400 + "a." * 100
    begin = time.process_time()
    many = (f"Copyright x{i}@d{i:03}.example\n{hostile}\n" * 100 for i in range(1000))
    found = holder_domains(many, ["x@author.example"] * 1000)
    assert time.process_time() - begin < 5
    assert len(found.split()) <= MOST_DOMAINS and found == " ".join(sorted(found.split()))
