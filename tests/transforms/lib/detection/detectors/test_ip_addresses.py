"""Public IP addresses are found, and not what only looks like one."""

import pytest

from transforms.lib.detection.find import find_in_text


def found_in(source: str) -> list[str]:
    found = [f for f in find_in_text(source) if f.kind == "ip"]
    return [source.encode()[f.begin : f.end].decode() for f in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("HOST = '93.184.216.34'", "93.184.216.34"),
        ("x = 'http://93.184.216.34:8080/a'", "93.184.216.34"),
        ("# blocked: 93.184.216.0/24", "93.184.216.0"),
        ("# See 93.184.216.34.", "93.184.216.34"),
        ("x = 'a\\n93.184.216.34'", "93.184.216.34"),
        ("x = {'ip_address': '5.9.7.12'}", "5.9.7.12"),
        ("x = 'ftp://5.9.7.12/'", "5.9.7.12"),
        ("x = '[2a00:1450:4001:81b::200e]:443'", "2a00:1450:4001:81b::200e"),
        (
            "x = '2607:F8B0:4005:0809:0000:0000:0000:200E'",
            "2607:F8B0:4005:0809:0000:0000:0000:200E",
        ),
    ],
)
def test_public_addresses_are_found(source: str, expected: str) -> None:
    assert found_in(source) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3",
        "192.168.1.77",
        "127.0.0.1",
        "100.64.3.9",
        "192.0.2.77",
        "198.51.100.4",
        "255.255.254.0",
        "239.255.255.250",
        "8.8.8.8",
        "208.67.222.222",
        "2001:4860:4860::8888",
        "2001:db8::77",
        "2085::2093",
        "2020:dead::1",
        "fe80::1ff:fe23:4567:890a",
        "::1",
        "2012:10:31 10:20:30",
        "1.2.3.4",
        "11.22.33.44",
        "version 93.184.216.34",
        "quire==93.184.216.34",
        "Chrome/61.0.163.100",
        "Chrome 93.0.45.164",
        "1.3.6.1.4.1.311",
        "2.5.29.15",
        "RFC 9110 section 8.4.1.3",
        "93.184.216.34-r1",
        "34.216.184.93.in-addr.arpa",
        "193.184.216.34.5",
        "v93.184.216.34",
        "300.184.216.34",
        "std::beta(2::3)",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert found_in(f"x = '''{text}'''\n") == found_in(f"# {text}") == []


def test_a_version_of_a_program_is_none() -> None:
    assert found_in("__version__ = '93.184.216.34'") == []


def test_code_has_no_addresses() -> None:
    assert found_in("x[2001:658:22]\n") == []
