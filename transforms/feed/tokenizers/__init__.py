"""Tokenizers: the open set of those that ship, and any tokenizer.json.

To add one that ships: how it is made, in a file of its own, and one line in TOKENIZERS.
"""

from transforms.feed.tokenizers.published import P50K_BASE, R50K_BASE
from transforms.feed.tokenizers.tokenizer import Tokenizer
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import read_file

TOKENIZERS = (P50K_BASE, R50K_BASE)  # the first is the default
NAMES = ", ".join(each.name for each in TOKENIZERS)


def open_tokenizer(name_or_path: str) -> Tokenizer:
    """The tokenizer of a name in TOKENIZERS, or of the path or URL of a tokenizer.json.

    It can be pickled; what is opened again in the same process is the same object. Raises
    UsageError for an unknown name, a file that cannot be read or is no tokenizer.json, one without
    a token for the end of a text, and one that does not give texts back byte for byte.
    """
    # Here, as they import Numba and tiktoken: a command that only lists the names starts at once.
    from transforms.feed.tokenizers.ranked_tokenizer import ranked_tokenizer
    from transforms.feed.tokenizers.tokenizer_file import tokenizer_file

    for each in TOKENIZERS:
        if each.name == name_or_path:
            return ranked_tokenizer(each)
    return tokenizer_file(_content(name_or_path), name_or_path)


def _content(path: str) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        line = (error.strerror or str(error)).split("\n")[0][:200]
        raise UsageError(
            f"{path}: neither a tokenizer ({NAMES}) nor a file that can be read ({line})"
        ) from error


def warm_up() -> None:
    """Compile or load the kernels, and open the default tokenizer, for workers forked from here."""
    import pyarrow as pa

    open_tokenizer(TOKENIZERS[0].name).encode(pa.array(["a  é"]))
