"""E-mail addresses that may be those of people, lists or organisations."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.finding import EMAIL, Finding
from transforms.lib.python.lexing import IDENTIFIER_BYTES
from transforms.lib.text.batch import TextBatch

AT = ord("@")
MAX_LOCAL, MAX_DOMAIN = 64, 255  # bytes, RFC 5321
BEFORE = 600  # bytes of its line before an address that may say what it is: an SSH key has 400

# What ends real domains: the country codes of ISO 3166 but for `py`, Python's own files, and those
# of the generic ones (IANA's list has 1,200) that people use.
COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er
    es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht
    hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr
    ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng
    ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw qa re ro rs ru rw sa sb sc sd se
    sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz
    ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
GENERIC = """
    academy aero agency app arpa art asia berlin bio biz blog build care cat center chat cloud club
    codes coffee com community company computer consulting coop data design dev digital directory
    earth edu education email energy engineer engineering expert finance foundation fun fund fyi
    games global gmbh gov group guru health help host hosting house icu info ink institute int
    international jobs life link live llc london ltd media mil mobi moe museum name net network
    news ngo ninja one online org paris partners party photo photos plus press pro productions
    pub red report research review rocks run school science services sexy shop show site social
    software solutions space store studio support swiss systems tech technology team tel today
    tools top town training travel university ventures vip website wiki work works world wtf xxx
    xyz zone
"""
TOP_LEVEL = frozenset(f"{COUNTRIES} {GENERIC}".encode().split())

# Names that stand for any name. Domains for examples are those of RFC 2606 and RFC 6761, and what
# programmers invent in their place.
PLACEHOLDER_LOCAL = re.compile(
    rb"(?i)(?:(?:your|my|some|any|the|new|old|an?)?[-_.]?"
    rb"(?:user|username|name|usr|login|mail|e-?mail|address|account|recipient|sender|receiver|realm"
    rb"|pass|passwd|password|pwd|token|secret|local-?part|example|sample|placeholder|someone"
    rb"|somebody|anyone|nobody|you|foo|bar|baz|qux|foobar|x{2,}|xyz|abc|test|tester|testing|testuser"
    rb"|fake|dummy|(?:john|jane)[-_.]?(?:doe|smith)|j[-_.]?doe|local_part)[-_.]?\d{0,4}"
    rb"|(?:your|my|some|first|user)[-_.]?\w*(?:name|mail|address|id)"
    rb"|no-?_?reply\S*|do-?_?not-?_?reply\S*|git|hg|svn|cvs|anonymous|root|ubuntu|ec2-user|pi)"
)
EXAMPLE_LABELS = frozenset(
    b"example examples exemple ejemplo beispiel my sample invalid localhost localdomain test "
    b"tests testing foo bar baz qux foobar dom domain mydomain yourdomain nodomain somedomain "
    b"otherdomain company mycompany yourcompany ourcompany somecompany corp hostname myhost "
    b"yourhost somehost myserver yourserver somewhere nowhere acme contoso fabrikam abc xyz "
    b"xxx ex evil doe mysite yoursite somesite yourorg myorg fake dummy placeholder noreply "
    b"nospam anywhere simulator".split()
)
INVENTED_LABEL = re.compile(
    rb"(?:your|my|some)-|(?:.*-)?e?xampe?l?e?(?:-|\d|\Z)|([a-z])\1{2,}\Z"
)  # my-project, exampel, zzz
# Domains with people behind them elsewhere, but not where they stand alone before the ending.
EXAMPLE_NAMES = frozenset(
    b"email host server site website web proxy org mail-server machine".split()
)
MAIL_PROVIDERS = frozenset({b"email.cz", b"email.it", b"web.de"})  # in spite of their names
# Names of algorithms and of accounts of machines, which only look like addresses; li.org is what
# gettext writes where a translator is not known.
NO_MAILBOXES = (
    b"openssh.com",
    b"libssh.org",
    b"noreply.github.com",
    b"appspot.gserviceaccount.com",
    b"golang.org",
    b"li.org",
)

_LOCAL = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._%+'-]*\Z")
_DOMAIN = re.compile(rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?![\w-])")
# What stands after no address: a path of SCP, a port, a path, a version, another `@`.
_AFTER = re.compile(rb":[\w/~(\[{%]|[/@(\[]|\.[\w]|=[=~]")
# What stands before no address: an address of the web, `user:` in one, a key of SSH, a command, the
# name of a header with identifiers of messages.
_BEFORE = re.compile(
    rb"://[^\s'\"<>]*\Z|[\w.%-]:[\w.%+!-]*\Z|[$/@%}\\]\Z"
    rb"|\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+) \S+ \Z"
    rb"|\b(?:ssh|scp|rsync|sftp)\b(?: -\S+(?: \d+)?)* \Z"
    rb"|(?i:\b(?:message-id|call-id|content-id|in-reply-to|references)\W{1,6}\Z)"
)
_LABELLED = re.compile(
    rb"(?i)(?:mailto|e-?mail|contact|from|to|cc|bcc|author|maintainer|user|group|member|owner|by):\Z"
)
# Where an address follows a backslash, the rest of what it escapes.
_ESCAPED = re.compile(rb"x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[a-zA-Z]")
_STRING_PREFIX = re.compile(rb"(?i)(?:[bfru]|[bf]r|r[bf])'+")
_MESSAGE_ID = re.compile(
    rb"(?=[^a-z]*[a-f]?[^a-z]*\Z)\S{16,}|[\da-f]{8}-[\da-f-]{20,}"
    rb"|(?=\D*\d)(?=\d*[a-f])[\da-f]{12,}"
)


def find_email_addresses(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the addresses in each text."""
    places = _places(texts)
    rows = np.searchsorted(texts.offsets, places, "right") - 1
    for index, place in zip(rows.tolist(), places.tolist(), strict=True):
        first, last = int(texts.offsets[index]), int(texts.offsets[index + 1])
        before = texts.data[max(first, place - BEFORE) : place].tobytes()
        after = texts.data[place + 1 : min(last, place + MAX_DOMAIN + 3)].tobytes()
        address = _address(before, after)
        if address:
            local, domain = address
            begin, end = place - first - len(local), place - first + 1 + len(domain)
            yield index, Finding(begin, end, "email-address", EMAIL)


def _places(texts: TextBatch) -> NDArray[np.int64]:
    """The bytes of the batch with an `@` between characters of words; int64[n]."""
    first, last = texts.offsets[0], texts.offsets[-1]
    data = texts.data[first:last]
    found = np.flatnonzero(data[1:-1] == AT) + 1
    near = IDENTIFIER_BYTES[data[found + 1]] & (data[found - 1] > ord(" "))
    places: NDArray[np.int64] = found[near] + first
    return places


def _address(before: bytes, after: bytes) -> tuple[bytes, bytes] | None:
    """The parts of the address around an `@`; None if there is none."""
    domain_match = _DOMAIN.match(after)
    line = before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :]
    local_match = _LOCAL.search(line[-MAX_LOCAL:])
    if not domain_match or not local_match:
        return None
    prefix = _STRING_PREFIX.match(local_match[0])
    local, domain = local_match[0][prefix.end() if prefix else 0 :], domain_match[0]
    line = line[: len(line) - len(local)]
    if line.endswith(b"\\"):
        escape = _ESCAPED.match(local)
        local = local[escape.end() :] if escape else local
        line = b""
    is_address = _may_be_local(local) and _may_be_domain(domain.lower())
    in_place = not _AFTER.match(after, domain_match.end()) and not _is_other(line)
    return (local, domain) if is_address and in_place else None


def _is_other(line: bytes) -> bool:
    """Whether what stands before on the line says that no address follows."""
    return bool(_BEFORE.search(line)) and not _LABELLED.search(line)


def _may_be_local(local: bytes) -> bool:
    return (
        bool(local)
        and b".." not in local
        and not local.endswith(b".")
        and not PLACEHOLDER_LOCAL.fullmatch(local)
        and not _MESSAGE_ID.fullmatch(local)
    )


def _may_be_domain(domain: bytes) -> bool:
    labels = domain.split(b".")
    names = labels[:-2] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[:-1]
    return (
        labels[-1] in TOP_LEVEL
        and not EXAMPLE_LABELS.intersection(labels)
        and (names[-1] not in EXAMPLE_NAMES or domain in MAIL_PROVIDERS)
        and (len(names[-1]) > 1 or len(names) > 1)
        and not any(INVENTED_LABEL.match(label) for label in labels)
        and not domain.endswith(NO_MAILBOXES)
    )


EMAIL_ADDRESSES = Detector("email_addresses", find_email_addresses, "1")
