"""Turns batches of `corpus` into the rows of `secrets`: what is found in them, and where."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schemas import SECRETS
from transforms.lib.detection.find import find_secrets
from transforms.lib.detection.finding import HIGH, Finding
from transforms.lib.detection.masks import masks
from transforms.lib.detection.policy import Policy
from transforms.lib.python.paths_of_tests import is_beside_code
from transforms.lib.python.source_text import SourceText
from transforms.lib.text.batch import text_batch

INHERITED_COLUMNS = ("sha256", "repo", "path", "commit")
FILE_COLUMNS = (*INHERITED_COLUMNS, "content")
FINGERPRINT_DIGITS = 16

Row = dict[str, Any]


@dataclass(frozen=True)
class FindingRows:
    """How findings become rows: by the policy, and with fingerprints by the key."""

    policy: Policy
    key: bytes = field(repr=False)

    def of_batch(self, batch: pa.RecordBatch) -> pa.Table:
        """The rows of the files of a batch, in their order and that of the bytes."""
        found = find_secrets(text_batch(batch["content"]))
        rows = [
            row for file, findings in enumerate(found) for row in self._of(batch, file, findings)
        ]
        return pa.Table.from_pylist(rows, schema=SECRETS.schema)

    def _of(self, batch: pa.RecordBatch, file: int, findings: list[Finding]) -> Iterator[Row]:
        """Yields the rows of one file of a batch."""
        if not findings:
            return
        place = {name: batch[name][file].as_py() for name in INHERITED_COLUMNS}
        place["is_test"] = is_beside_code(place["path"] or "")
        for row in self.of_text(batch["content"][file].as_py(), findings):
            yield place | row

    def of_text(self, text: str, findings: list[Finding]) -> Iterator[Row]:
        """Yields what a row says of each finding in a text, and not of its file."""
        source = SourceText(text)
        # Those that no policy acts on take no number from those that one does.
        high = [finding for finding in findings if finding.confidence == HIGH]
        masked = dict(zip(high, masks(source.content, high), strict=True))
        for finding in findings:
            yield {
                "rule": finding.rule,
                "kind": finding.kind,
                "confidence": finding.confidence,
                "start_byte": finding.begin,
                "end_byte": finding.end,
                "line": source.line(finding.begin),
                "fingerprint": self._fingerprint(source.content[finding.begin : finding.end]),
                "action": self.policy.action(finding),
                "mask": masked.get(finding),
            }

    def _fingerprint(self, value: bytes) -> str:
        return hmac.new(self.key, value, hashlib.sha256).hexdigest()[:FINGERPRINT_DIGITS]
