"""Excerpts with masks in place of secrets, as the policy of `secrets` says.

The text of an excerpt is looked through as a whole, so that a value at its edge is known too. It
may be a view, such as the inside of a string, whose bytes are not those of any file.
"""

from transforms.lib.detection.find import find_anywhere
from transforms.lib.detection.masks import Masked, masked_ranges
from transforms.lib.detection.policy import NONE, Policy


def hidden_ranges(content: bytes, policy: Policy) -> list[Masked]:
    """What the policy acts on in a text; under drop too, as an excerpt is a copy of its own."""
    # Each byte that is not UTF-8 becomes one other byte, so that all stay where they are.
    text = content.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    found = [finding for finding in find_anywhere(text) if policy.action(finding) != NONE]
    return masked_ranges(content, found)
