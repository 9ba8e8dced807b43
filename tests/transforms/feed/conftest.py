"""What tests of the feed need to be collected."""

from importlib.util import find_spec

# They import PyTorch and trainers, which are installed for them: bash tests/run.sh -m training.
NEED_TORCH = ["test_torch_data.py", "test_reference_training.py", "exports/test_sft.py"]
collect_ignore = [] if find_spec("torch") else NEED_TORCH
