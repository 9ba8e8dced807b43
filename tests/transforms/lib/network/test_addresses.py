"""Which hosts a server may lead to, by the kind of its address."""

import pytest

from transforms.lib.network.addresses import check_lead, kind_of
from transforms.lib.network.transfer import FetchError

PUBLIC_URL, HOME_URL = "http://93.184.216.34/x", "http://127.0.0.1:3141/x"
INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://localhost:631/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1%25eth0]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://[fd00::1]/",
    "http://224.0.0.1/",
    "http://u:p@192.168.1.1:80/",
]


@pytest.mark.parametrize("url", INSIDE)
@pytest.mark.parametrize("proxied", [False, True])
def test_a_public_server_leads_nowhere_inside(url: str, proxied: bool) -> None:
    with pytest.raises(FetchError, match="private_address: "):
        check_lead(url, PUBLIC_URL, proxied=proxied)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://1.1.1.1/", PUBLIC_URL),
        ("http://localhost/", HOME_URL),
        ("http://10.0.0.1/", HOME_URL),
        ("http://10.0.0.1/", "http://192.168.0.1/"),
        ("http://1.1.1.1/", "http://192.168.0.1/"),
        ("http://nowhere.invalid/", PUBLIC_URL),  # the request itself will fail
        ("http://1.1.1.1/", "/a/page.html"),
    ],
)
def test_where_a_server_may_lead(url: str, named: str) -> None:
    check_lead(url, named)


@pytest.mark.parametrize("named", ["http://192.168.0.1/", HOME_URL, "/a/page.html"])
def test_nobody_leads_to_the_metadata_of_a_cloud(named: str) -> None:
    with pytest.raises(FetchError, match="link-local"):
        check_lead("http://169.254.169.254/", named)


def test_a_private_server_does_not_lead_to_this_machine() -> None:
    with pytest.raises(FetchError, match="loopback"):
        check_lead(HOME_URL, "http://192.168.0.1/")


def test_kinds() -> None:
    addresses = {"8.8.8.8": "public", "2606:4700::1111": "public", "2002:7f00:1::": "loopback"}
    assert {address: kind_of(address) for address in addresses} == addresses
