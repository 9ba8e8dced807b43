"""Which row of a file of the user's own a row is about, in the words of DuckDB's readers."""

import pyarrow as pa

INPUT_ROW = (
    ("filename", pa.string(), "the file of --files, as its glob names it; null for rows of DATA"),
    ("file_row_number", pa.int64(), "the row in that file, from 0; of text by lines, the line"),
    ("id", pa.string(), "what the column that --id names says of the row"),
)
