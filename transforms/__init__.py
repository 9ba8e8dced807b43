"""What is done to rows: pure kernels first, then a thin PTransform. A folder is an open set."""
