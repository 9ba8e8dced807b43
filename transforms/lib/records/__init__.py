"""Records of files from anywhere: JSON Lines, JSON, CSV, Arrow, Parquet, plain or compressed."""
