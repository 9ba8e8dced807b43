"""E-mail addresses are found where someone may be reached by them."""

import pytest

from transforms.lib.detection.find import find_in_text


def addresses(source: str) -> list[str]:
    found = [f for f in find_in_text(source) if f.kind == "email"]
    return [source.encode()[f.begin : f.end].decode() for f in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Copyright Ann Lee <ann.lee@mailbox.org>", "ann.lee@mailbox.org"),
        ('__author__ = "ann@mailbox.org"', "ann@mailbox.org"),
        ("'''Contact: dev-list@lists.mailbox.co.uk.'''", "dev-list@lists.mailbox.co.uk"),
        ("x = 'mailto:ann+spam@mailbox.org?cc=1'", "ann+spam@mailbox.org"),
        ("x = 'Ann\\nann@mailbox.org'", "ann@mailbox.org"),
        ("x = 'é,ann@mailbox.org;'", "ann@mailbox.org"),
        ("x = {'user:ann@mailbox.org': 1}", "ann@mailbox.org"),
        ("# an1234@mailbox.studio, or", "an1234@mailbox.studio"),
        ("# 1234567@163.com", "1234567@163.com"),
        ("f'{name} ann@mailbox.org'", "ann@mailbox.org"),
        ("x = b'ann@mailbox.org'", "ann@mailbox.org"),
        ("# Ann <ann@web.de>", "ann@web.de"),
    ],
)
def test_addresses_of_people_are_found(source: str, expected: str) -> None:
    assert addresses(source) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.com",
        "ann@mail.example.org",
        "ann@host.test",
        "ann@localhost.localdomain",
        "noreply@mailbox.org",
        "no-reply+x@mailbox.org",
        "1234+ann@users.noreply.github.com",
        "git@github.com",
        "git@git.mailbox.org:ann/quire.git",
        "git@mailbox.org:([^/]*)/",
        "ann@ourcompany.com",
        "ann@my-project.org",
        "LANGUAGE <LL@li.org>",
        "Call-ID: ann7@mailbox.org",
        "In-Reply-To: <ann7@mailbox.org>",
        "a84b4c76e66710@pc33.mailbox.org",
        "ann@web.org",
        "ann@mailbox.org:~/data",
        "ssh ann@mailbox.org",
        "https://ann:word@mailbox.org/x",
        "postgres://ann@mailbox.org/db",
        "git+https://token@mailbox.org",
        "ann:word@mailbox.org",
        "user@mailbox.org",
        "your.name@mailbox.org",
        "john.doe@mailbox.org",
        "foo@bar.com",
        "a@b.com",
        "ann@zzz.org",
        "ann@my-example.org",
        "me@mycompany.com",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9 ann@mailbox.org",
        "aes256-gcm@openssh.com",
        "actions/checkout@v4.1.0",
        "package@1.2.3",
        "icon@2x.png",
        "pip install quire@git+https://mailbox.org",
        "{user}@mailbox.org",
        "%s@mailbox.org",
        "20230101120000.1234.56789@mailbox.org",
        "W@x.T",
        "A@B.dot",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert addresses(f"x = '''{text}'''\n") == addresses(f"# {text}") == []


def test_the_prefix_of_a_string_is_no_part_of_an_address() -> None:
    assert addresses("x = b'user@mailbox.org'\ny = rb'git@mailbox.org'") == []


def test_code_has_no_addresses() -> None:
    assert addresses("y = weights@model.org\n@app.route\ndef f(): ...\n") == []
