"""What of the policy of `secrets` decides the bytes of what other stages write."""

from typing import Any

from transforms.lib.detection.find import detection_version
from transforms.lib.detection.policy import Policy


def policy_settings(policy: Policy | None) -> list[Any]:
    """The policy and the detectors, as settings of a stage; nothing where `secrets` has not run."""
    return [policy.schemes(), detection_version()] if policy else []
