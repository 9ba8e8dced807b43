"""Texts on which tokenizers part: what GPT-2's rule splits by, in any order, and long runs."""

from hypothesis import strategies as st

ASCII = [chr(code) for code in range(128)]
BLANKS = [" ", "  ", "   ", " " * 25, " " * 26, "\t", "\n", "\r\n", "\r", "\x0b", "\x0c"]
NO_WHITE_SPACE = ["\0", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f"]  # Python's isspace counts four
APOSTROPHES = ["'", "''", "'s", "'S", "'ll", "'l", "'re", "'ve", "'v", "'d", "'dog", "’s"]
WORDS = ["a", "x1", "def", "return", "self", "_name", "0", "2024", "=", "==", "#", "<|endoftext|>"]
FOREIGN = [
    "é",
    "e\u0301",
    "я",
    "привет",
    "中文",
    "٣",
    "²",
    "½",
    "😀",
    "👩\u200d🔬",
    "\x80",
    "\U0010ffff",
]
FOREIGN_BLANKS = ["\x85", "\xa0", "\u2028", "\u2003", "\u3000", "\u200b", "\ufeff"]
PIECES = [*BLANKS, *NO_WHITE_SPACE, *APOSTROPHES, *WORDS, *FOREIGN, *FOREIGN_BLANKS]

RUNS = [
    piece * count for piece in (" ", "\n", " \t", "=", "a", "é", "中") for count in (127, 129, 3000)
]
EDGES = [before + run + after for run in RUNS for before in ("", "x") for after in ("", "x", "é")]

mixtures = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
ascii_texts = st.text(st.sampled_from(ASCII), max_size=60)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
texts = st.lists(mixtures | ascii_texts | any_texts, max_size=8)
