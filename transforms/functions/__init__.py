"""The functions stage: finds functions with docstrings and cuts them from their files, by bytes."""

STAGE = "functions"
DATASETS = ("functions", "rejects/functions")
BODY_SCHEME = "tokens-2"  # how functions are compared: docstring and normalised body
