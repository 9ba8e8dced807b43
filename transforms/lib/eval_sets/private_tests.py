"""LiveCodeBench's private tests: JSON in a pickle, deflated, in base64.

A pickle is a program, so it is never run: one that is anything but a single text is refused.
"""

import base64
import binascii
import pickletools
import zlib

MAX_BYTES = 1 << 30  # of the tests of one problem, inflated; the largest have some hundred MB
# The operations of a pickle of one text, by every protocol.
TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE")
OTHERS = ("PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT", "STOP")


class PrivateTestsError(ValueError):
    """The text says what about private tests is not as LiveCodeBench has them."""


def private_json(packed: str) -> str:
    """The JSON of private tests; raises PrivateTestsError.

    >>> import pickle
    >>> private_json(base64.b64encode(zlib.compress(pickle.dumps("[1]"))).decode())
    '[1]'
    """
    return _pickled_text(_inflated(packed))


def _inflated(packed: str) -> bytes:
    try:
        deflated = base64.b64decode(packed, validate=True)
        inflate = zlib.decompressobj()
        content = inflate.decompress(deflated, MAX_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise PrivateTestsError(f"no deflated base64 ({error})") from error
    if inflate.unconsumed_tail or not inflate.eof:
        raise PrivateTestsError("cut off, or too large")
    return content


def _pickled_text(content: bytes) -> str:
    texts = []
    try:
        for operation, argument, _ in pickletools.genops(content):
            if operation.name in TEXTS:
                texts.append(argument)
            elif operation.name not in OTHERS:
                raise PrivateTestsError(f"a pickle of more than a text ({operation.name})")
    except PrivateTestsError:
        raise
    except ValueError as error:
        raise PrivateTestsError(f"no pickle ({error})") from error
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise PrivateTestsError("no pickle of one text")
    return texts[0]
