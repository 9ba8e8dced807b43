"""What a SOURCE of problems names, in pieces: folders of trees, lines of JSONL, rows of Parquet."""
