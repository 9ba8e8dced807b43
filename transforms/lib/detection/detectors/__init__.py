"""The detectors, in the order in which they win where two have found the same bytes."""

from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.email_addresses import EMAIL_ADDRESSES
from transforms.lib.detection.detectors.ip_addresses import IP_ADDRESSES
from transforms.lib.detection.detectors.vendor_keys import VENDOR_KEYS

DETECTORS: tuple[Detector, ...] = (VENDOR_KEYS, EMAIL_ADDRESSES, IP_ADDRESSES)
