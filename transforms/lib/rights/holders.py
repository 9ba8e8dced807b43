"""The e-mail domains of who holds the rights: of copyright lines, and of a project's authors."""

import re
from collections.abc import Iterable
from itertools import islice

HEAD_CHARACTERS = 4000  # of a file that are looked at: a notice stands at its top
TEXT_CHARACTERS = 40_000  # of a licence text
LINE_CHARACTERS = 1000
MOST_TEXTS = 20  # of a project
MOST_DOMAINS = 500  # of a project
NOTICE = re.compile(r"copyright|\(c\)|©|SPDX-FileCopyrightText", re.IGNORECASE)
# What stands before the @ is not read, and labels are bounded, so that no text takes long.
E_MAIL = re.compile(r"(?<=[\w.+-])@((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63})\b", re.I | re.ASCII)


def notice_domains(text: str, characters: int = HEAD_CHARACTERS) -> set[str]:
    """The domains of e-mail addresses in the copyright lines of a text's beginning, lower case.

    >>> sorted(notice_domains("# Copyright 2020 A <a@Example.com>\\n# mail b@other.org\\n"))
    ['example.com']
    """
    head = text[:characters]
    lines = (line[:LINE_CHARACTERS] for line in head.splitlines() if "@" in line)
    return {domain for line in lines if NOTICE.search(line) for domain in domains(line)}


def domains(text: str) -> set[str]:
    """The domains of the e-mail addresses in a text, lower case."""
    return {found.lower() for found in E_MAIL.findall(text)}


def holder_domains(texts: Iterable[str], authors: Iterable[str]) -> str | None:
    """The domains in licence texts and in authors' addresses, sorted; None if there are none.

    >>> holder_domains(["Copyright (c) Octo, cat@octo.org"], ["A <a@b.example>"])
    'b.example octo.org'
    """
    found = set[str]()
    for text in islice(texts, MOST_TEXTS):
        found |= notice_domains(text, TEXT_CHARACTERS)
    for author in authors:
        found |= domains(author[:LINE_CHARACTERS])
    return " ".join(sorted(found)[:MOST_DOMAINS]) or None
