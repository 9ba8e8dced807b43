"""A tokenizer of one's own: byte-level BPE trained on texts, with tokens for runs of blanks."""

from collections.abc import Iterator

from transforms.feed.tokenizers.published import END_OF_TEXT, FIM_SPELLED
from transforms.feed.tokenizers.tokenizer_file import LARGEST_VOCABULARY, library
from transforms.lib.errors import UsageError

SPECIAL = [END_OF_TEXT, *FIM_SPELLED]  # ids 0 to 3
BYTES = 256
SMALLEST_VOCABULARY = len(SPECIAL) + BYTES


TRAINING_SCHEME = "byte-level-1"  # how a tokenizer is trained: another has another name


def check_vocabulary(vocabulary: int) -> None:
    """Raises UsageError if a vocabulary is too small or too large, or `tokenizers` is missing."""
    if not SMALLEST_VOCABULARY <= vocabulary <= LARGEST_VOCABULARY:
        raise UsageError(
            f"a vocabulary of {vocabulary:,}: it has {SMALLEST_VOCABULARY} tokens at least "
            f"(bytes and special tokens), and at most 2**31"
        )
    library()


def train_tokenizer(texts: Iterator[str], vocabulary: int) -> bytes:
    """The tokenizer.json trained on texts; the same texts in the same order give the same bytes.

    Texts are split by GPT-2's rule, which leaves a run of white space whole up to its last blank:
    runs that are frequent become tokens, as they are in p50k_base. The vocabulary is smaller than
    asked for if the texts have no more pairs to merge. Raises UsageError if `vocabulary` has no
    room for the bytes and the special tokens, or is beyond 2**31.
    """
    check_vocabulary(vocabulary)
    library_ = library()
    byte_level = library_.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer = library_.Tokenizer(library_.models.BPE())
    tokenizer.pre_tokenizer = byte_level
    tokenizer.decoder = library_.decoders.ByteLevel()
    trainer = library_.trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(byte_level.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    content: str = tokenizer.to_str()
    return content.encode()
