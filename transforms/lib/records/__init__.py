"""Records of files from anywhere: JSON Lines, JSON arrays, Parquet, plain or compressed by gzip."""
