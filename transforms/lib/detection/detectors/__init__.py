"""The detectors, in the order in which they win where two have found the same bytes."""

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.email_addresses import EMAIL_ADDRESSES

DETECTORS: tuple[Detector, ...] = (EMAIL_ADDRESSES,)
