"""The functions stage: functions with docstrings, found by ast and cut by bytes."""

STAGE = "functions"
DATASETS = ("functions", "rejects/functions")
BODY_SCHEME = "tokens-1"  # how bodies are normalised before they are compared
