"""E-mail addresses of people."""

import re
from collections.abc import Iterator

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.finding import EMAIL, Finding
from transforms.lib.text.batch import TextBatch

ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")


def find_email_addresses(texts: TextBatch) -> Iterator[tuple[int, Finding]]:
    """Yields the addresses in each text."""
    for index in range(len(texts)):
        content = texts.data[texts.offsets[index] : texts.offsets[index + 1]].tobytes()
        for found in ADDRESS.finditer(content):
            yield index, Finding(found.start(), found.end(), "email-address", EMAIL)


EMAIL_ADDRESSES = Detector("email_addresses", find_email_addresses, "1")
