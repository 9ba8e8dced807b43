"""Records of files that others made: JSON Lines, JSON and Parquet, read within bounds."""
