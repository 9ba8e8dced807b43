"""Masks: the same value has the same one, and nothing else changes."""

import random
import sysconfig
from pathlib import Path

import pytest

from tests.support.planted_secrets import FORMATS, planted
from tests.support.string_holes import without_texts
from transforms.lib.detection.find import find_in_text
from transforms.lib.detection.finding import Finding
from transforms.lib.detection.masks import Masked, masked, masks, without_secrets

TOKEN = "dop_v1_" + "0123456789abcdef" * 4
LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = ("smtplib.py", "csv.py", "calendar.py", "bdb.py", "shutil.py", "tarfile.py")
PADDING = "# é\n"


def masked_text(source: str) -> str:
    content = source.encode()
    findings = find_in_text(source)
    ranges = [
        Masked(f.begin, f.end, mask)
        for f, mask in zip(findings, masks(content, findings), strict=True)
    ]
    return masked(content, ranges).decode()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"a = '{TOKEN}'\nb = \"{TOKEN}\"", "a = '<KEY>'\nb = \"<KEY>\""),
        (f"a = rb'{TOKEN}'", "a = rb'<KEY>'"),
        (f"a = f'{{x}}:{TOKEN}{{y}}'", "a = f'{x}:<KEY>{y}'"),
        (f"a = '''\n{TOKEN}\n'''", "a = '''\n<KEY>\n'''"),
        (f"a = '%s {TOKEN} {{}}' % x.format(1)", "a = '%s <KEY> {}' % x.format(1)"),
        (f"x = 1  # é {TOKEN}", "x = 1  # é <KEY>"),
        ("x = 'ann@mailbox.org\\nbob@mailbox.org'", "x = '<EMAIL>\\n<EMAIL_2>'"),
        ("# 93.184.216.34 a.b@mailbox.org 93.184.216.34", "# 192.0.2.1 <EMAIL> 192.0.2.1"),
        ("ip = '2a00:1450:4001:81b::200e'", "ip = '2001:db8::1'"),
        ("x = ann@mailbox.org", "x = ann@mailbox.org"),
    ],
)
def test_a_mask_stands_for_a_value_wherever_it_stands(source: str, expected: str) -> None:
    assert masked_text(source) == expected


def test_two_values_have_two_masks() -> None:
    first, second = TOKEN, TOKEN[:-1] + "0"
    assert masked_text(f"'{first}' '{second}' '{first}'") == "'<KEY>' '<KEY_2>' '<KEY>'"


@pytest.mark.parametrize("secret_format", FORMATS, ids=lambda each: each.name)
def test_a_masked_program_differs_in_its_strings_alone(secret_format) -> None:
    chance = random.Random(secret_format.name)
    source = PADDING + (LIBRARY / chance.choice(FILES)).read_text()
    text, begin, end = planted(source, secret_format, chance)
    shown = masked_text(text)
    assert text.encode()[begin:end].decode() not in shown
    assert without_texts(shown) == without_texts(text)
    assert shown.isascii() == source.isascii()


def test_a_key_in_several_literals_is_masked_in_each() -> None:
    chance = random.Random(1)
    pem = next(f for f in FORMATS if f.name == "PEM RSA").make(chance)
    lines = ["-----BEGIN RSA PRIVATE KEY-----", *pem.splitlines(), "-----END RSA PRIVATE KEY-----"]
    source = "key = (\n" + "".join(f"    b'{line}\\n'\n" for line in lines) + ")\n"
    shown = masked_text(source)
    assert all(line not in shown for line in pem.splitlines())
    assert shown.count("<KEY") == len(pem.splitlines())
    assert without_texts(shown) == without_texts(source)


def test_people_see_no_secret_in_any_text() -> None:
    shown = without_secrets(f"Mail ann@mailbox.org, é: {TOKEN} unclosed '''")
    assert shown == "Mail <EMAIL>, é: <KEY> unclosed '''"


def test_a_text_with_many_addresses_has_as_many_masks() -> None:
    content = b" ".join(b"93.184.%03d.1" % n for n in range(600))
    findings = [Finding(at, at + 12, "", "ip") for at in range(0, len(content), 13)]
    written = masks(content, findings)
    assert len(set(written)) == len(findings) == 600 and written[254] == "198.51.100.1"
