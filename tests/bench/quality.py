"""How right `quire corpus --dedup near` is, judged on its output by exact Jaccard.

    python tests/bench/quality.py FILES

Truth are all pairs, among files that pass the filters, one of each content, whose sets of word
5-grams, after a licence notice, have a Jaccard of 0.7 and more, found by prefix filtering (no MinHash, none of quire's
hashes). A pair is found if one of the two was removed, or both.
"""

import argparse
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import duckdb
from measure import corpus_command, measure

from tests.support.plain_duplicates import slow_notice_end

THRESHOLD = 0.7
WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]+")
Sets = dict[str, frozenset[int]]


def shingles(text: str) -> frozenset[int]:
    """Every five words in a row after a licence notice, by Python's own hash."""
    after_notice = fives(text[slow_notice_end(text) :])
    return after_notice or fives(text)


def fives(text: str) -> frozenset[int]:
    """The hashes of every five words in a row."""
    words = WORD.findall(text.encode())
    return frozenset(map(hash, zip(*(words[i:] for i in range(5)), strict=False)))


def jaccard(left: frozenset[int], right: frozenset[int]) -> float:
    """Exact Jaccard; 0 where both are empty."""
    both = len(left & right)
    return both / (len(left) + len(right) - both) if left or right else 0.0


def true_pairs(sets: Sets) -> Iterator[tuple[str, str]]:
    """Pairs of names at the threshold: such a pair shares one of its rarest shingles."""
    counts = Counter(shingle for each in sets.values() for shingle in each)
    seen: dict[int, list[str]] = defaultdict(list)
    for name, mine in sets.items():
        rarest = sorted(mine, key=lambda shingle: (counts[shingle], shingle))
        prefix = rarest[: len(mine) - ceil(THRESHOLD * len(mine)) + 1]
        for other in {other for shingle in prefix for other in seen[shingle]}:
            if jaccard(mine, sets[other]) >= THRESHOLD:
                yield other, name
        for shingle in prefix:
            seen[shingle].append(name)


def main() -> None:
    """Run quire, then judge it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch, "data")
        measure(corpus_command(data, options.files, "near", 1), Path(scratch, "log"))
        judge(duckdb.connect(), data, options.files)


def judge(connection: duckdb.DuckDBPyConnection, data: Path, files: Path) -> None:
    """Print how many removals are false and how many true pairs were found."""
    contents = connection.execute(
        f"""SELECT DISTINCT ON (sha256(f.content)) sha256(f.content), f.content
            FROM '{files}/*.parquet' f JOIN '{data}/signals/*.parquet' s
            ON lower(hex(s.sha256)) = sha256(f.content) WHERE s.reason IS NULL"""
    ).fetchall()
    sets = {digest: shingles(content) for digest, content in contents}
    near = connection.execute(
        f"SELECT sha256, kept_sha256 FROM '{data}/rejects/corpus/*.parquet'"
        " WHERE reason = 'near_duplicate'"
    ).fetchall()
    removed = dict(near)
    false = sum(jaccard(sets[lost], sets[kept]) < THRESHOLD for lost, kept in near)
    pairs = list(true_pairs(sets))
    found = sum(left in removed or right in removed for left, right in pairs)
    print(f"distinct files that pass: {len(sets):,}; removed as near duplicates: {len(near):,}")
    print(f"removed below {THRESHOLD} with the one kept: {false} ({100 * false / len(near):.2f} %)")
    print(f"true pairs: {len(pairs):,}; found: {found:,} ({100 * found / len(pairs):.2f} %)")


if __name__ == "__main__":
    main()
