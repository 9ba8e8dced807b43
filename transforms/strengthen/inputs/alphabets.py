"""Sets of characters as statements describe them: `lowercase English letters, digits and '-'`."""

import re
import string

CLASSES = (
    (r"(?:printable )?ASCII (?:characters|letters)|printable characters", string.printable[:95]),
    (r"(?:both )?(?:lower-?case|lower case)(?: English)?(?: letters)?,? (?:and|and/or|or)"
     r" (?:upper-?case|upper case)(?: English| Latin)?(?: letters?| characters)?", string.ascii_letters),
    (r"(?:both )?(?:upper-?case|upper case)(?: English)?(?: letters)?,? (?:and|and/or|or)"
     r" (?:lower-?case|lower case)(?: English| Latin)?(?: letters?| characters)?", string.ascii_letters),
    (r"(?:English )?(?:lower-?case|lower case|small)(?: English| Latin)?(?: letters?| alphabets?| characters)?",
     string.ascii_lowercase),
    (r"(?:English )?(?:upper-?case|upper case|capital)(?: English| Latin)?(?: letters?| alphabets?| characters)?",
     string.ascii_uppercase),
    (r"alphanumeric characters", string.ascii_letters + string.digits),
    (r"(?:English|Latin) (?:letters?|alphabets?)(?: \((?:both )?(?:lower|upper)-?case and (?:lower|upper)-?case\))?",
     string.ascii_letters),
    (r"binary digits", "01"),
    (r"(?:English )?digits?(?: \(0-9\))?(?: from '0' to '9')?", string.digits),
    (r"(?:single |white)?spaces?(?: characters?)?(?: ' ')?", " "),
    (r"letters", string.ascii_letters),
)  # fmt: skip
CLASS_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), chars) for pattern, chars in CLASSES)
DIGIT_RANGE = re.compile(
    r"digits (?:from|in the range|between)?,? ?['\[]?(\d)'?(?: to | and |, ?|-)'?(\d)['\]]?", re.IGNORECASE
)
QUOTED = re.compile(r"(?:the )?[A-Za-z ]{0,20}?'(.)'|\"(.)\"|'(\\.)'")
FILLER = re.compile(
    r"\b(?:the|only|of|and|or|characters?|letters?|either|both|symbols?|as|well|set|from|in|any|"
    r"following|a|an|plus|minus|dots?|commas?|hash|asterisks?|space|spaces|stars?)\b|[,.;:&{}()\s*]",
    re.IGNORECASE,
)
MAX_DESCRIPTION = 300


def alphabet(description: str) -> str | None:
    """The characters that a description allows, sorted; None if it is not understood in full.

    >>> alphabet("lowercase English letters and '-'")
    '-abcdefghijklmnopqrstuvwxyz'
    """
    rest, found = description[:MAX_DESCRIPTION], set[str]()
    if match := DIGIT_RANGE.search(rest):
        found |= {chr(code) for code in range(ord(match[1]), ord(match[2]) + 1)}
        rest = rest[: match.start()] + rest[match.end() :]
    for match in QUOTED.finditer(rest):
        found.add(match[1] or match[2] or match[3][-1:])
    rest = re.sub(r"'.'|\"[^\"]{1,3}\"", " ", rest)
    for pattern, characters in CLASS_PATTERNS:
        if pattern.search(rest):
            found |= set(characters)
            rest = pattern.sub(" ", rest)
    if FILLER.sub("", rest) or not found:
        return None
    return "".join(sorted(found))
