"""The secrets stage: where files of `corpus` hold keys, passwords and addresses."""

STAGE = "secrets"
DATASETS = ("secrets",)
