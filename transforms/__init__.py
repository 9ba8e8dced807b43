"""What is done to rows: a package for each stage, and `lib` for what several stages use."""
