"""A small GPT with random weights, and its pre-training on windows of tokens by the recipe."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from training.pair_tokens import Batch
from training.schedule import advance, optimiser, rate_at
from training.solution_loss import token_nats
from transformers import LlamaConfig, LlamaForCausalLM

from transforms.feed.torch_data import NO_LOSS, TokenWindows, stacked
from transforms.feed.training_recipe import recipe
from transforms.lib.errors import UsageError

HEAD_WIDTH = 64
INNER_WIDTH = 8 / 3  # of the layers' own matrices, in widths: Llama's
FIRST_DEVIATION = 0.02  # of random weights


@dataclass(frozen=True)
class Pretraining:
    """How long and in which pieces a model is trained. `tokens`: of a step."""

    windows: TokenWindows
    steps: int
    tokens: int
    at_once: int
    rate: float
    device: str

    @property
    def batches(self) -> int:
        """Batches of `at_once` windows in a step."""
        return max(1, round(self.tokens / (self.at_once * self.windows.files[0].window)))


def small_gpt(vocabulary: int, window: int, width: int, layers: int, seed: int) -> Any:
    """A model with random weights."""
    torch.manual_seed(seed)
    heads = max(1, width // HEAD_WIDTH)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=round(width * INNER_WIDTH),
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=heads,
            max_position_embeddings=window,
            initializer_range=FIRST_DEVIATION,
            tie_word_embeddings=True,
        )
    )


def vocabulary_of(windows: TokenWindows) -> int:
    """The vocabulary that the files of tokens name."""
    return int(json.loads(Path(windows.files[0].path + ".json").read_text())["vocabulary"])


def recommended_rate(model: Any) -> float:
    """The recipe's learning rate for the smallest of its sizes that is no smaller."""
    size = sum(parameter.numel() for parameter in model.parameters())
    rates = {
        int(name): rate for name, rate in recipe("pretraining")["learning_rate"]["value"].items()
    }
    return float(rates[min((each for each in rates if each >= size), default=max(rates))])


def pretrain(model: Any, run: Pretraining) -> Iterator[tuple[int, float, float]]:
    """Train; yields each step's number, its loss in nats per token, and its tokens a second."""
    model.to(run.device).train()
    adam, batches = optimiser(model, run.rate), _batches(run)
    for step in range(run.steps):
        begin, total, tokens = time.monotonic(), 0.0, 0
        for given in islice(batches, run.batches):
            with torch.autocast(run.device, torch.bfloat16):
                loss = token_nats(model, given).mean() / run.batches
            loss.backward()
            total, tokens = total + loss.item(), tokens + given.ids.numel()
        advance(model, adam, run.rate * rate_at(step, run.steps))
        yield step + 1, total, tokens / (time.monotonic() - begin)


def _batches(run: Pretraining) -> Iterator[Batch]:
    """Yields batches of windows, epoch after epoch, each in an order of its own.

    Raises UsageError if there are not enough for one.
    """
    if run.windows.windows < run.at_once:
        raise UsageError(
            f"{run.windows.windows} windows of tokens: too few for {run.at_once} at once"
        )
    loader = DataLoader(run.windows, run.at_once, collate_fn=stacked, drop_last=True)
    epoch = 0
    while True:
        run.windows.set_epoch(epoch)
        for item in loader:
            yield windows_batch(item).to(run.device)
        epoch += 1


def windows_batch(item: dict[str, torch.Tensor]) -> Batch:
    """A batch of windows, whose documents do not attend to one another."""
    return Batch(item["input_ids"], item["position_ids"], item["labels"] != NO_LOSS)


def validation_nats(model: Any, windows: TokenWindows, count: int, device: str) -> float:
    """Mean nats per token over at most `count` windows."""
    nats = []
    model.eval()
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        for item in islice(DataLoader(windows, 1, collate_fn=stacked), count):
            nats.append(token_nats(model, windows_batch(item).to(device)).cpu())
    return torch.cat(nats).mean().item()
