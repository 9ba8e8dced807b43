"""Which IP addresses are public and tell of someone's machine."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's registries of special addresses (RFC 6890 and later) and multicast: not `is_global`, which
# answers otherwise in other versions of Python.
SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2620:4f:8000::/48",
    )
)
# What is given out of IPv6: IANA's registry of global unicast addresses. Two numbers with `::`
# between them, as revisions of Mercurial, are seldom in it, and nor are 2020:dead::1 and the like.
GIVEN_OUT = tuple(
    ipaddress.ip_network(f"{begin}::/{bits}")
    for bits, begins in (
        (12, ("2400", "2600", "2630", "2800", "2a00", "2a10", "2c00")),
        (16, ("2001",)),
        (18, ("2003",)),
        (23, ("2610", "2620")),
    )
    for begin in begins
)
# Resolvers that anyone may use and many configurations name, from the public pages of Google,
# Cloudflare, Quad9, OpenDNS, Level 3, Verisign, AdGuard, Comodo, Yandex, AliDNS, 114DNS and DNSPod.
RESOLVERS = (
    "8.8.8.8 8.8.4.4 2001:4860:4860::8888 2001:4860:4860::8844 2001:4860:4860::64 "
    "2001:4860:4860::6464 1.1.1.1 1.0.0.1 1.1.1.2 1.0.0.2 1.1.1.3 1.0.0.3 "
    "2606:4700:4700::1111 2606:4700:4700::1001 2606:4700:4700::1112 2606:4700:4700::1002 "
    "2606:4700:4700::1113 2606:4700:4700::1003 9.9.9.9 9.9.9.10 9.9.9.11 149.112.112.112 "
    "149.112.112.10 149.112.112.11 2620:fe::fe 2620:fe::9 2620:fe::10 2620:fe::11 "
    "208.67.222.222 208.67.220.220 208.67.222.123 208.67.220.123 208.67.222.220 208.67.220.222 "
    "2620:119:35::35 2620:119:53::53 4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 4.2.2.5 4.2.2.6 "
    "64.6.64.6 64.6.65.6 94.140.14.14 94.140.15.15 8.26.56.26 8.20.247.20 77.88.8.8 77.88.8.1 "
    "223.5.5.5 223.6.6.6 114.114.114.114 114.114.115.115 119.29.29.29 180.76.76.76"
)
_RESOLVERS = frozenset(map(ipaddress.ip_address, RESOLVERS.split()))


def is_public(address: Address) -> bool:
    """Whether the address is one of a machine on the internet that is no public resolver."""
    is_ipv6 = isinstance(address, ipaddress.IPv6Address)
    if is_ipv6 and not any(address in network for network in GIVEN_OUT):
        return False
    return address not in _RESOLVERS and not any(address in network for network in SPECIAL)


def is_made_up(address: Address) -> bool:
    """Whether an IPv4 address looks like one that a programmer invents: 1.2.3.4, 11.22.33.44.

    >>> is_made_up(ipaddress.ip_address("5.6.7.8")), is_made_up(ipaddress.ip_address("5.6.7.9"))
    (True, False)
    """
    if isinstance(address, ipaddress.IPv6Address):
        return False
    numbers = tuple(address.packed)
    steps = {after - before for before, after in zip(numbers, numbers[1:], strict=False)}
    first = set(numbers[:3])
    return (
        len(steps) == 1
        or len(first) == 1
        or numbers[:3] == (1, 2, 3)
        or numbers in ((12, 34, 56, 78), (123, 45, 67, 89), (123, 123, 123, 123))
    )
