"""Whether a statement speaks of pictures or colours, which its text does not have."""

import re

PICTURE = (
    r"(?:figures?|images?|pictures?|diagrams?|illustrations?|drawings?|screenshots?|animations?)"
)
DRAWN = rf"(?:{PICTURE}|graphs?|trees?|grids?|(?:chess)?boards?|matrix|maps?|charts?|plots?|table)"
SHOWN = r"(?:shown|depicted|illustrated|drawn|displayed|pictured|visuali[sz]ed|seen)"
SHOWS = r"(?:shows?|illustrates?|depicts?|describes?|demonstrates?|represents?)"
# With what stands between these words, a statement points at a picture.
POINTING = (
    rf"{PICTURE} (?:above|below|(?:on|to) the (?:left|right)|here)",
    rf"{PICTURE} {SHOWS}",
    rf"(?:graphs?|trees?|grids?|(?:chess)?board|map|chart|plot) (?:(?:is|are) )?(?:{SHOWN} )?"
    r"(?:above|below)",
    rf"(?:above|below|following|next|first|second|third|left|right) {PICTURE}",
    rf"(?:above|following) (?:graph|tree|grid|drawing|map)s? {SHOWS}",
    rf"(?:as|is|are|was|were) {SHOWN} (?:in|by|on) (?:the|this|these|an?)(?: \w+)? "
    rf"(?:{DRAWN}|example)",
    rf"(?:as|is|are) {SHOWN} (?:above|below|on the (?:left|right))",
    rf"as (?:in )?the {PICTURE}",
    rf"(?:see|refer to|look at) (?:the|this) (?:\w+ )?{PICTURE}",
    r"in the (?:figure|diagram)s?",
    r"(?:the|this) (?:figure|diagram|illustration)s? (?:of|for|is|are)",
)
POINTS_AT_PICTURE = re.compile(rf"\b(?:{'|'.join(POINTING)})\b", re.IGNORECASE)
COLOUR = (
    r"(?:red|green|blue|yellow|orange|purple|violet|pink|cyan|brown|gr[ae]y|gold(?:en)?|black|"
    r"white)"
)
MARKED = (
    r"(?:marked|highlighted|colou?red|shown|drawn|denoted|shaded|represented|indicated|depicted|"
    r"outlined|circled|painted|filled|underlined|labell?ed|in)"
)
THINGS = (
    r"(?:lines?|cells?|squares?|areas?|regions?|paths?|arrows?|edges?|nodes?|circles?|dots?|parts?|"
    r"box(?:es)?|rectangles?|segments?|numbers?|vertices|points?|tiles?|blocks?|letters?|"
    r"characters?|elements?|sections?|colou?r)"
)
NAMES_COLOUR = re.compile(
    rf"\b{MARKED} (?:(?:in|with|by|as|using|the|light|dark|bold) ){{0,3}}(?P<of>{COLOUR})\b"
    rf"|\b(?P<first>{COLOUR})(?:[- ]colou?red)? {THINGS}\b",
    re.IGNORECASE,
)
MARKS_WITHOUT_COLOUR = re.compile(
    rf"\b(?:highlighted|shaded|dotted|dashed|bolded) {THINGS}\b|\bhighlighted in bold\b"
    r"|\bcells? (?:are|is) (?:highlighted|shaded)\b",
    re.IGNORECASE,
)
# Emoji that sites put beside titles: a lock for problems that are paid for.
EMBLEMS = re.compile("\\s*[\U0001f510-\U0001f513\u2b50\U0001f31f]\ufe0f?")
EXAMPLES = re.compile(r"^\W*Example", re.MULTILINE | re.IGNORECASE)


def needs_picture(statement: str) -> bool:
    """Whether a statement refers to a picture, or to colours of one, which the text lacks.

    A colour that the statement names before its examples is one of the problem itself.

    >>> needs_picture("Sum the cells.\\n\\nExample 1:\\nExplanation: The red cells are summed.")
    True
    >>> needs_picture("A red edge costs 1.\\n\\nExample 1:\\nExplanation: The red edges are left.")
    False
    """
    if POINTS_AT_PICTURE.search(statement) or MARKS_WITHOUT_COLOUR.search(statement):
        return True
    first = EXAMPLES.search(statement)
    said = statement[: first.start()].lower() if first else ""
    colours = (
        (match["of"] or match["first"]).lower() for match in NAMES_COLOUR.finditer(statement)
    )
    return any(colour not in said for colour in colours)


def without_emblems(title: str) -> str:
    """A title without locks and stars, which tell of the site and not of the problem.

    >>> without_emblems("Rearrange String \U0001f512")
    'Rearrange String'
    """
    return EMBLEMS.sub("", title).strip()
