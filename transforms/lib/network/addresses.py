"""Which hosts a public server may send us to: none inside this machine or its network.

An index page or a redirect is foreign text. If it leads to an address that only this machine can
reach (a router's page, a cloud's metadata service), it is refused, unless the URL that the user
named is there itself.
"""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from transforms.lib.network.transfer import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PUBLIC, PRIVATE, LOOPBACK, LINK_LOCAL = "public", "private", "loopback", "link-local"
# Where a server of each kind may lead. A user who runs an index on this machine trusts it more.
LEADS_TO = {
    PUBLIC: {PUBLIC},
    PRIVATE: {PUBLIC, PRIVATE},
    LOOPBACK: {PUBLIC, PRIVATE, LOOPBACK},
    LINK_LOCAL: {PUBLIC, LINK_LOCAL},
}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 addresses behind a translator


def check_lead(url: str, named: str, *, proxied: bool = False) -> None:
    """Raises FetchError if the server of the URL `named` must not lead to `url`.

    Behind a proxy names are not resolved here, so that only addresses and `localhost` are judged.
    """
    allowed = {kind for each in kinds(named, proxied) or {PUBLIC} for kind in LEADS_TO[each]}
    if refused := kinds(url, proxied) - allowed:
        host = urlsplit(url).hostname
        raise FetchError("private_address", f"{host} is a {min(refused)} address")


def kinds(url: str, proxied: bool = False) -> frozenset[str]:
    """The kinds of the addresses that the host of a URL has; empty if they are not known."""
    host, _, _ = (urlsplit(url).hostname or "").partition("%")  # fe80::1%25eth0 names a device
    return _kinds(host, proxied)


@lru_cache(1024)
def _kinds(host: str, proxied: bool) -> frozenset[str]:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return frozenset({LOOPBACK})
    flags = socket.AI_NUMERICHOST if proxied else 0
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError):  # the request itself will say so
        return frozenset()
    return frozenset(kind_of(str(each[4][0])) for each in found)


def kind_of(address: str) -> str:
    """The kind of a numeric address.

    >>> [kind_of(a) for a in ("1.1.1.1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254")]
    ['public', 'private', 'loopback', 'link-local']
    """
    ip = _without_wrapping(ipaddress.ip_address(address))
    if ip.is_loopback or ip.is_unspecified:  # a connection to 0.0.0.0 reaches this machine
        return LOOPBACK
    if ip.is_link_local:
        return LINK_LOCAL
    return PUBLIC if ip.is_global and not ip.is_multicast else PRIVATE


def _without_wrapping(ip: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
