"""What a value looks like: a placeholder, a template, a word, or something random.

The gates are tuned on one half of CredData's projects (see tests/bench/creddata.py).
"""

import re

# Letters, each before those that follow it: the 291 pairs that make up 95 % of the pairs in the
# words of Python's standard library. Of the pairs in random letters 57 % are none of them.
FOLLOWING = """
    abcdfgiklmnprstuvwxy baeijlorsuy cacehiklmorstu dadefilorstu eabcdefgiklmnopqrstvwxy
    faefilorstu gaehilnorsu haeiortu iabcdefglmnoprstvxz keils lacdeilopstuy mabdeilmopstu
    nacdefgiklnopstuv oabcdfgiklmnoprstuvwx pacdehiloprstuy qu racdefgiklmnoprstuvy
    sacdeghiklmopstuwy tabcdefhilmnoprstuwy uabcefgilmnoprst vaei waehinors xceipt yenpst ze
"""
COMMON_PAIRS = frozenset(row[0] + second for row in FOLLOWING.split() for second in row[1:])
HEXADECIMAL = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}", re.IGNORECASE)

STREWN = 0.4  # changes of kind by character; of random ones 0.6
LEAST_NUMBERED = 6  # characters of a value with a number that is none, such as admin123
# Values that are made of these words alone are placeholders.
WORDS = """
    a abc abcd abcdef access account admin alice an any api app auth bad bar basic baz bearer
    blank bob bytes change changed changeme client correct credential credentials custom
    default demo different dummy empty enter env example fake false field file first foo
    foobar for global good guest hash header here hidden id input insert invalid is it key
    keys length login main missing mock my name new nil no none not null obj object of old one
    optional or other param pass passphrase passwd password passwords phrase placeholder plain
    plaintext private public pw pwd random real redacted regex removed replace required reset
    right sample sec second secret secrets secure session set some something spam str string
    super temp test tester testing text the this tmp to todo token tokens true two type
    unknown unset unused url used user username valid value wrong xx xxx your yours
"""
PLACEHOLDER_WORDS = frozenset(WORDS.split())
# Values with one of these anywhere are placeholders or prompts.
PLACEHOLDER = re.compile(
    r"""
    <[^<>]*>            # <password>
    | \{[^{}]*\}        # {password}, ${PASSWORD}
    | \$\w*[({]         # $(password)
    | %\(\w+\)[sd]      # %(password)s
    | %[sdr](?!\w)      # %s
    | \*\*\* | xxxx | \.\.\. | … | ___ | \?\?\?
    | (?:change|replace)[-_ ]?(?:me|this|it)
    | (?<![a-z])(?:your|todo|fixme|dummy|example|fake|insert|redacted|placeholder|sample|mock)
    """,
    re.VERBOSE | re.IGNORECASE,
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
PATH = re.compile(r"^(?:\.{0,2}/|~/|[a-z][a-z0-9+.-]*://|[A-Za-z]:\\)|\.[a-z]{2,4}$")
RELATIVE_PATH = re.compile(r"[\w-]+(?:/[\w.-]+)+")
DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def words(value: str) -> list[str]:
    """The words of a name or value in lower case; digits are words of their own.

    >>> words("userPassword2"), words("MY_KEY")
    (['user', 'password', '2'], ['my', 'key'])
    """
    return [word.lower() for word in WORD.findall(value)]


def is_placeholder(value: str) -> bool:
    """Whether a value stands for another: `<password>`, `your-key`, `xxxx`, `%s`, `test`.

    >>> [is_placeholder(v) for v in ("<password>", "your-key", "xxxxxxxx", "hunter2", "my_Secret")]
    [True, True, True, False, True]
    """
    if is_template(value):
        return True
    if not value.isascii() or (len(value) >= LEAST_NUMBERED and re.search(r"\d", value)):
        return False
    return all(word in PLACEHOLDER_WORDS for word in words(value) if not word.isdigit())


def is_template(value: str) -> bool:
    """Whether a value is a placeholder by its form."""
    return bool(PLACEHOLDER.search(value)) or _is_repeated(value) or _is_row(value)


def is_reference(value: str) -> bool:
    """Whether a value names something else: a path, a URL, an attribute, an environment variable.

    >>> [is_reference(v) for v in ("/etc/key.pem", "app.User", "API_TOKEN", "hunter2")]
    [True, True, True, False]
    """
    if PATH.search(value) or ENVIRONMENT_NAME.fullmatch(value):
        return True
    is_name = DOTTED_NAME.fullmatch(value) or RELATIVE_PATH.fullmatch(value)
    return bool(is_name) and not is_random(value)


def is_sentence(value: str) -> bool:
    """Whether a value has blanks, or ends as a prompt does."""
    return bool(re.search(r"\s|\\[nrt]|[:,;]$", value))


def is_passphrase(value: str) -> bool:
    """Whether a value of two or three words may be a password, and is no text for people.

    >>> [is_passphrase(v) for v in ("open sesame", "Enter password", "the password")]
    [True, False, False]
    """
    parts = value.split(" ")
    return (
        2 <= len(parts) <= 3
        and all(len(part) > 1 and (part.islower() or "%" in part) for part in parts)
        and not PLACEHOLDER_WORDS.intersection(parts)
        and not re.search(r"[^\w %]", value)
    )


def is_mixed(value: str) -> bool:
    """Whether a value has three of four sorts of characters: small, capital, digits, others."""
    sorts = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(map(sort, value)) for sort in sorts) >= 3


def is_random(value: str) -> bool:
    """Whether a value looks like a key: long enough, and unlike words, names and rows of numbers.

    >>> [is_random(v) for v in ("dGbpoJdqNuMlGDECgO9I", "R_f6397a37e765574f2e19", "sha256_of_file")]
    [True, True, False]
    """
    if len(value) < 8 or not re.search(r"[A-Za-z]", value) or _is_row(value):
        return False
    if HEXADECIMAL.search(value):
        return True
    return surprise(value) >= (0.25 if len(value) >= 16 else 0.35)


def is_strewn(value: str) -> bool:
    """Whether letters, digits and signs are mixed as in the keys that django-admin makes.

    >>> is_strewn("ev7m@+0h63#7!80@b$)0@xynl9-z!kg^ohc"), is_strewn("change-me-to-something-42")
    (True, False)
    """
    kinds = ["a" if char.isalpha() else "0" if char.isdigit() else "." for char in value]
    changes = sum(before != after for before, after in zip(kinds, kinds[1:], strict=False))
    return len(set(kinds)) == 3 and changes >= STREWN * len(value)


def surprise(value: str) -> float:
    """The share of neighbouring characters that words would not have; 0 to 1.

    A letter beside a digit counts, and two letters that are not a common pair; upper case amid a
    word too.
    """
    odd = 0
    for first, second in zip(value, value[1:], strict=False):
        if first.isalpha() and second.isalpha():
            odd += (first + second).lower() not in COMMON_PAIRS or (
                first.islower() and second.isupper()
            )
        else:
            odd += (
                first.isalnum() and second.isalnum() and not (first.isdigit() and second.isdigit())
            )
    return odd / max(1, len(value) - 1)


def _is_row(value: str) -> bool:
    """Whether characters follow one another as in the alphabet or a row of digits."""
    steps = [ord(second) - ord(first) for first, second in zip(value, value[1:], strict=False)]
    in_row = max(sum(step in (0, by) for step in steps) for by in (1, -1))
    return len(steps) >= 2 and in_row > 0.7 * len(steps)


def _is_repeated(value: str) -> bool:
    """Whether a value has few distinct characters, such as xxxx or 123123."""
    return len(set(value)) <= (2 if len(value) < 6 else 3)
