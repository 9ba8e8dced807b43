"""The functions stage: finds functions with docstrings and cuts them from their files, by bytes."""
