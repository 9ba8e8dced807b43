"""The detectors, in the order in which they win where two have found the same bytes."""

from transforms.lib.detection.detectors.assigned_literals import ASSIGNED_LITERALS
from transforms.lib.detection.detectors.basic_credentials import BASIC_CREDENTIALS
from transforms.lib.detection.detectors.connection_uris import CONNECTION_URIS
from transforms.lib.detection.detectors.detector import Detector
from transforms.lib.detection.detectors.email_addresses import EMAIL_ADDRESSES
from transforms.lib.detection.detectors.ip_addresses import IP_ADDRESSES
from transforms.lib.detection.detectors.private_keys import PRIVATE_KEYS
from transforms.lib.detection.detectors.vendor_keys import VENDOR_KEYS

DETECTORS: tuple[Detector, ...] = (
    VENDOR_KEYS,
    PRIVATE_KEYS,
    CONNECTION_URIS,
    BASIC_CREDENTIALS,
    ASSIGNED_LITERALS,
    EMAIL_ADDRESSES,
    IP_ADDRESSES,
)
