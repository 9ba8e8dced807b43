"""The strengthen stage: more tests for problems, judged by mutants and by wrong programs."""

STAGE = "strengthen"
DATASETS = ("tests", "strength")
