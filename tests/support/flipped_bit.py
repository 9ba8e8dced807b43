"""A bit that flips in a row group of Parquet, as on a bad disk."""

from pathlib import Path

import pyarrow.parquet as pq


def flip_a_bit(file: str | Path, group: int, column: int = 2) -> None:
    """Changes the middle of a column of a row group in place."""
    meta = pq.ParquetFile(file).metadata.row_group(group).column(column)
    with open(file, "r+b") as opened:
        opened.seek(meta.data_page_offset + meta.total_compressed_size // 2)
        byte = opened.read(1)[0]
        opened.seek(-1, 1)
        opened.write(bytes([byte ^ 1]))
