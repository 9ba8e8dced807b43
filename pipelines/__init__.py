"""In which order: wiring only, one file per stage, and the command line."""
