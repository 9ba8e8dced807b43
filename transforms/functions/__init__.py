"""The functions stage: finds functions with docstrings and cuts them from their files, by bytes."""

STAGE = "functions"
DATASETS = ("functions", "rejects/functions")
BODY_SCHEME = "tokens-1"  # how bodies are normalised before they are compared
