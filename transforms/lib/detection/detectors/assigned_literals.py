"""Passwords and keys as string literals: assigned, compared, or passed by a telling name."""

import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.literal_candidates import (
    INSIDE,
    LiteralCandidate,
    literal_candidates,
)
from transforms.lib.detection.detectors.literal_gates import (
    is_mixed,
    is_passphrase,
    is_placeholder,
    is_random,
    is_reference,
    is_sentence,
    is_strewn,
    is_template,
    words,
)
from transforms.lib.detection.detectors.literal_names import (
    ASSIGNED,
    CALLED,
    COMPARED,
    CONSTANT_KEYED,
    FALLBACK,
    KEYED,
    PAIRED,
    UNQUOTED,
    WRAPPED,
)
from transforms.lib.detection.finding import HIGH, KEY, LOW, PASSWORD, Finding
from transforms.lib.text.batch import TextBatch

# How a name ends that holds a password or a key; the words of a name are joined by `_`.
PASSWORD_NAME = re.compile(
    r"(?:pass_?words?|passwd|pass_?phrase|passwort|pwd|(?:^|_)pass|"
    r"(?:db|root|admin|my|ssh|smtp|mail|ftp|sudo|login)pass)(?:_default|_value)?$"
)
KEY_NAME = re.compile(r"(?:secret|token|key|credentials?|auth|authorization|salt|nonce)$")
SECRET_NAME = re.compile(r"(?:^|_)secret$")
# Names that end so, and are of what everyone may know.
PUBLIC_NAME = re.compile(
    r"(?:next|page|pagination|continuation|sync|start|end|public|primary|foreign|sort|cache|csrf"
    r"|partition|routing|row|index|group|column|dict|lookup|host|idempotency|parent|shared_stage)"
    r"_?(?:key|token)$|(?:^|_)pub_?key$|public_key_token$"
)
WORD_BEFORE = re.compile(rb"(\w{2,16}) \Z")  # the name, in words as people write them
DJANGO_NAME = "SECRET_KEY"
DJANGO_BYTES = 20  # at least; those of django-admin have 50
LEAST_PASSWORD, LEAST_WEAK, LEAST_SECRET, LEAST_KEY = 4, 8, 6, 16  # characters
# Calls that give a default for the name before it, and calls whose argument is the value itself.
DEFAULTING = re.compile(r"env|^(?:get|setdefault|config|getattr|setattr|str|opt|option)$", re.I)
WRAPPING = re.compile(
    r"^(?:secret\w*|b64decode|b64encode|unhexlify|a2b_hex|fromhex|bytes|bytearray|str|unicode"
    r"|force_bytes|force_text|force_str|to_bytes|to_text|quote|quote_plus|b|u|_b|_u)$",
    re.I,
)
SCHEME = re.compile(r"(?:Basic|Bearer|Token|token|bearer|basic)[ ]+(?=\S)")  # of Authorization
# What follows a literal that is only a part of a value, or a template for values.
MORE = re.compile(rb"[(\[.]")  # after a value without quotes: it is code
PART = re.compile(rb"""["']{1,3}[ \t]*(?:%|\+|\.\s*(?:format|join|replace|split)\b|\bin\b)""")
LATIN = re.compile(r"[ -~].*[ -~]")  # what is not in a language of other letters
BESIDE = 40  # bytes after a literal and before a name that are looked at


def find_assigned_literals(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the passwords and keys in each text; the quotes are no part of them."""
    for candidate in literal_candidates(texts):
        finding = _finding(texts, candidate)
        if finding:
            yield candidate.text, finding


ASSIGNED_LITERALS = Detector("assigned_literals", find_assigned_literals, "1")


def _finding(texts: TextBatch, candidate: LiteralCandidate) -> Finding | None:
    name = _text(texts, candidate.name_begin, candidate.name_end)
    rule, kind = _rule(name, candidate.shape)
    if rule is None or not _is_told(texts, candidate, name):
        return None
    if candidate.shape == UNQUOTED and _is_public(texts, candidate, name):
        return None
    value = _text(texts, candidate.begin, candidate.end)
    skipped = 0
    if scheme := SCHEME.match(value):
        skipped = scheme.end()
        value = value[skipped:]
    confidence = _confidence(value, name, rule, candidate)
    pattern = MORE if candidate.shape == UNQUOTED else PART
    if confidence is None or pattern.match(_following(texts, candidate)):
        return None
    begin = candidate.begin + skipped - int(texts.offsets[candidate.text])
    end = candidate.end - int(texts.offsets[candidate.text])
    return Finding(begin, end, rule, kind, confidence)


def _is_public(texts: TextBatch, candidate: LiteralCandidate, name: str) -> bool:
    """Whether a name in a text is public with the word before it: `Next page token: …`."""
    begin = max(int(texts.offsets[candidate.text]), candidate.name_begin - BESIDE)
    word = WORD_BEFORE.search(texts.data[begin : candidate.name_begin].tobytes())
    full = f"{word[1].decode(errors='replace')}_{name}" if word else name
    return bool(PUBLIC_NAME.search("_".join(words(full))))


def _following(texts: TextBatch, candidate: LiteralCandidate) -> bytes:
    """The bytes after a literal, from its quotes on."""
    end = min(candidate.end + BESIDE, int(texts.offsets[candidate.text + 1]))
    return texts.data[candidate.end : end].tobytes()


def _text(texts: TextBatch, begin: int, end: int) -> str:
    return texts.data[begin:end].tobytes().decode(errors="replace")


def _rule(name: str, shape: int) -> tuple[str | None, str]:
    """The rule and the kind of value that a name tells of; no rule if it tells of none."""
    if "::" in name:  # a type, such as AWS::AppSync::ApiKey
        return None, ""
    if name == DJANGO_NAME and shape in (ASSIGNED, CALLED, FALLBACK):
        return "django-secret-key", KEY
    joined = "_".join(word for word in words(name) if not word.isdigit())
    if PASSWORD_NAME.search(joined):
        return "assigned-password", PASSWORD
    if KEY_NAME.search(joined) and not PUBLIC_NAME.search(joined):
        return "assigned-key", KEY
    return None, ""


def _is_told(texts: TextBatch, candidate: LiteralCandidate, name: str) -> bool:
    """Whether the literal is the value of the name, as far as the tokens beside it tell."""
    callee = _text(texts, candidate.callee_begin, candidate.callee_end)
    if candidate.shape == CALLED:
        is_variable = _text(texts, candidate.begin, candidate.end).isupper()
        return bool(DEFAULTING.search(callee)) and not is_variable
    if candidate.shape == WRAPPED:
        return bool(WRAPPING.search(callee))
    return candidate.shape != CONSTANT_KEYED or name.isupper()


def _confidence(value: str, name: str, rule: str, candidate: LiteralCandidate) -> str | None:
    """How sure it is that the value is a secret; None if it is none."""
    if rule == "django-secret-key":
        is_key = is_random(value) or is_strewn(value)
        return HIGH if is_key and len(value) >= DJANGO_BYTES else None
    if len(value) < LEAST_PASSWORD or is_template(value) or is_reference(value):
        return None
    if rule == "assigned-password":
        return _confidence_of_password(value, name, candidate)
    return _confidence_of_key(value, name, candidate)


def _confidence_of_password(value: str, name: str, candidate: LiteralCandidate) -> str | None:
    """People choose words as passwords, so that a word is one, but not within a string.

    Strings have examples: a value within one must look random or have many sorts of characters.
    A word that often stands for a password must be long, and passed as one.
    """
    if is_random(value) and not is_sentence(value):
        return HIGH
    if candidate.shape in (UNQUOTED, PAIRED) or not LATIN.search(value):
        return None
    if is_sentence(value) and not is_passphrase(value):
        return None
    if is_placeholder(value) or _repeats(value, name):
        is_weak = len(value) >= LEAST_WEAK and value.isalpha() and value.islower()
        is_passed = candidate.shape in (ASSIGNED, COMPARED, KEYED) and not name.isupper()
        if not (is_weak and is_passed):
            return None
    return LOW if candidate.level == INSIDE and not is_mixed(value) else HIGH


def _confidence_of_key(value: str, name: str, candidate: LiteralCandidate) -> str | None:
    """Keys look random; only what a name ending in `secret` has may be a word, as a password is."""
    if is_sentence(value) or is_placeholder(value) or _repeats(value, name):
        return None
    if is_random(value):
        is_binary = "\\x" in value  # constants in bytes, of tests of ciphers and of ranges
        is_short = name.lower() == "key" and len(value) < LEAST_KEY
        return None if is_binary or is_short else HIGH
    if candidate.shape in (UNQUOTED, PAIRED) or candidate.level == INSIDE:
        return None
    is_word = len(value) >= LEAST_SECRET and value.isalnum() and value.islower()
    return HIGH if is_word and SECRET_NAME.search("_".join(words(name))) else None


def _repeats(value: str, name: str) -> bool:
    """Whether a value says what its name says: `USER_PASSWORD = "user-password"`."""
    said = "_".join(words(value))
    is_of_name = set(words(value)) <= set(words(name))
    return is_of_name and bool(PASSWORD_NAME.search(said) or KEY_NAME.search(said))
