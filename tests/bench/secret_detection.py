"""How well secrets are found, how often wrongly, and how fast; no value is ever printed.

    python tests/bench/secret_detection.py [--folder FOLDER] [--megabytes 60] [--values 20]

FOLDER holds Python files, by default the packages installed beside this Python. Three tables:
- formats: of the values of each format in tests/support/planted_secrets.py, planted at random lines
  of random files of FOLDER, how many a credential of high confidence covers whole;
- findings: what is found in the files as they are, by rule, with the files per 1,000 that have a
  credential of high confidence. --show names file and line of these, to be judged by eye;
- speed: megabytes per second of CPU, all detectors and each alone, when all is loaded.
"""

import argparse
import random
import sysconfig
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from tests.support.planted_secrets import FORMATS, SecretFormat, holds_statements, planted
from transforms.lib.detection.detectors import DETECTORS
from transforms.lib.detection.find import find_secrets, warm_up
from transforms.lib.detection.finding import CREDENTIALS, HIGH, Finding
from transforms.lib.text.batch import TextBatch, text_batch

BATCH = 256  # files
MAX_BYTES = 1_000_000  # of a file, as `quire corpus` reads them
SEED = 20261


def sampled_files(folder: Path, megabytes: float) -> list[tuple[Path, str]]:
    """Distinct Python files of the folder in random order, as many as make up the size."""
    paths = sorted(folder.rglob("*.py"))
    random.Random(SEED).shuffle(paths)
    seen, size, found = set(), 0, []
    for path in paths:
        content = path.read_bytes()
        if not 0 < len(content) < MAX_BYTES or content in seen or size > megabytes * 1e6:
            continue
        try:
            found.append((path, content.decode()))
        except UnicodeDecodeError:
            continue
        seen.add(content)
        size += len(content)
    return found


def batches(texts: Sequence[str]) -> list[TextBatch]:
    """The texts in batches, as a stage reads them."""
    return [
        text_batch(pa.array(texts[at : at + BATCH], pa.string()))
        for at in range(0, len(texts), BATCH)
    ]


def credentials(findings: Sequence[Finding]) -> list[Finding]:
    """Those of the findings that a policy takes for credentials."""
    return [f for f in findings if f.kind in CREDENTIALS and f.confidence == HIGH]


def print_formats(sources: Sequence[str], values: int) -> None:
    """Print how many values of each format are found."""
    print(f"\n{'format':26} {'found':>6} {'recall':>7}")
    for each in FORMATS:
        found = sum(_finds(sources, each, random.Random(f"{each.name} {i}")) for i in range(values))
        print(f"{each.name:26} {found:>6} {found / values:>7.3f}")


def _finds(sources: Sequence[str], secret_format: SecretFormat, chance: random.Random) -> bool:
    text, begin, end = planted(chance.choice(sources), secret_format, chance)
    found = find_secrets(text_batch(pa.array([text], pa.string())))[0]
    covered = {byte for f in credentials(found) for byte in range(f.begin, f.end)}
    return covered.issuperset(range(begin, end))


def print_findings(files: Sequence[tuple[Path, str]], show: bool) -> None:
    """Print what is found in the files as they are."""
    rules: Counter[tuple[str, str, str]] = Counter()
    flagged = []
    found = [each for batch in batches([t for _, t in files]) for each in find_secrets(batch)]
    for (path, text), findings in zip(files, found, strict=True):
        rules.update((f.kind, f.rule, f.confidence) for f in findings)
        for finding in credentials(findings):
            line = text.encode()[: finding.begin].count(b"\n") + 1
            flagged.append((str(path), line, finding.rule))
    print(f"\n{'kind':9} {'rule':34} {'confidence':10} {'findings':>8}")
    for (kind, rule, confidence), count in sorted(rules.items()):
        print(f"{kind:9} {rule:34} {confidence:10} {count:>8}")
    count = len({path for path, _, _ in flagged})
    rate = 1000 * count / len(files)
    print(f"{len(files)} files, {count} with credentials: {rate:.2f} in 1,000")
    for path, line, rule in flagged if show else []:
        print(f"  {path}:{line} {rule}")


def print_speed(texts: Sequence[str]) -> None:
    """Print megabytes per second of CPU, all detectors and each alone."""
    read = batches(texts)
    size = sum(int(batch.offsets[-1] - batch.offsets[0]) for batch in read) / 1e6
    begin = time.process_time()
    for batch in read:
        find_secrets(batch)
    print(f"\n{'detector':26} {'MB/CPU-s':>9}")
    print(f"{'all':26} {size / (time.process_time() - begin):>9.0f}")
    for detector in DETECTORS:
        begin = time.process_time()
        for batch in read:
            for _ in detector.find(batch):
                pass
        print(f"{detector.name:26} {size / (time.process_time() - begin):>9.0f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--megabytes", type=float, default=60)
    parser.add_argument("--values", type=int, default=20)
    parser.add_argument("--show", action="store_true", help="name files and lines")
    options = parser.parse_args()
    files = sampled_files(options.folder, options.megabytes)
    begin = time.process_time()
    warm_up()
    print(f"loaded in {time.process_time() - begin:.1f} s of CPU")
    print_formats([t for _, t in files[:300] if holds_statements(t)], options.values)
    print_findings(files, options.show)
    print_speed([t for _, t in files])


if __name__ == "__main__":
    main()
