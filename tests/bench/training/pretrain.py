"""The command `pretrain`: a small GPT from random weights, its losses as a table."""

from argparse import Namespace
from typing import Any

from training.small_gpt import (
    Pretraining,
    pretrain,
    recommended_rate,
    small_gpt,
    validation_nats,
    vocabulary_of,
)

from transforms.feed.torch_data import TokenWindows
from transforms.lib.errors import UsageError

LINES = 20  # of the table, about


def pretrain_gpt(options: Namespace) -> None:
    """Train the model on windows of DATA/tokens, print its losses, keep it where asked."""
    windows = TokenWindows(str(options.data), options.window, seed=options.seed)
    window = windows.files[0].window
    model = small_gpt(vocabulary_of(windows), window, options.width, options.layers, options.seed)
    steps = options.steps or max(1, windows.windows * window // options.step_tokens)
    rate = options.rate or recommended_rate(model)
    run = Pretraining(windows, steps, options.step_tokens, options.at_once, rate, options.device)
    size = sum(parameter.numel() for parameter in model.parameters())
    of_step = f"{run.batches} x {options.at_once} windows of {window} tokens"
    print(f"{size:,} parameters, {steps} steps of {of_step}, highest learning rate {rate}\n")
    _print_losses(model, run)
    _print_validation(options, model)
    if options.out:
        model.save_pretrained(options.out)


def _print_losses(model: Any, run: Pretraining) -> None:
    print("| step | nats per token | tokens/s |\n|---:|---:|---:|")
    for step, loss, speed in pretrain(model, run):
        if step in (1, run.steps) or step % max(1, run.steps // LINES) == 0:
            print(f"| {step} | {loss:.3f} | {speed:,.0f} |", flush=True)


def _print_validation(options: Namespace, model: Any) -> None:
    try:
        windows = TokenWindows(str(options.data), options.window, split="validation")
    except UsageError:  # small data may have no repository of this split
        print("\nno tokens of the validation split")
    else:
        nats = validation_nats(model, windows, options.validation, options.device)
        print(f"\nvalidation: {nats:.3f} nats per token")
