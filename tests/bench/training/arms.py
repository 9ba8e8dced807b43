"""The arms of the experiment: each is trained once, and what was measured of it stays in files."""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import torch
from training.fine_tuning import FineTuning, fine_tune
from training.pair_tokens import encode, fits
from training.pairs import Pair, shuffled
from training.pass_at_1 import pass_at_1
from training.pretrained import open_model
from training.solution_loss import nats_per_token

from transforms.lib.errors import UsageError

BEFORE = "before"
OWN, SHUFFLED = "own", "shuffled"


class Arm(NamedTuple):
    """A way to pair prompts with solutions, and a seed; its name is that of its folder."""

    kind: str
    seed: int

    @property
    def name(self) -> str:
        """As `own-1`."""
        return f"{self.kind}-{self.seed}"


@dataclass(frozen=True)
class Experiment:
    """What all arms share. `held_out`: pairs to measure on, by the set's name."""

    out: Path
    model: Path
    training: list[Pair]
    held_out: dict[str, list[Pair]]
    tokens: int
    longest: int
    tuning: FineTuning

    def measure_before(self) -> None:
        """Measure the model as it is, if that is not done."""
        _once(self.out / BEFORE / "nats.json", lambda: self._nats(*open_model(self.model)))

    def train(self, arm: Arm) -> None:
        """Train an arm, measure it and keep its model, if that is not done."""
        _once(self.out / arm.name / "nats.json", lambda: self._trained(arm))

    def score(self, name: str, tasks: int) -> None:
        """pass@1 of an arm, or of the model as it was, if that is not done."""
        folder = self.out / name
        source = self.model if name == BEFORE else folder / "model"

        def measured() -> dict[str, Any]:
            model, tokenizer = open_model(source)
            model = model.to(self.tuning.device, torch.bfloat16)
            passed, of = pass_at_1(model, tokenizer, folder, tasks)
            return {"passed": passed, "tasks": of}

        _once(folder / "pass.json", measured)

    def _trained(self, arm: Arm) -> dict[str, Any]:
        model, tokenizer = open_model(self.model)
        model.to(self.tuning.device)
        pairs = encode(tokenizer, self._pairs(tokenizer, arm))
        end = tokenizer.eos_token_id
        seconds = fine_tune(model, pairs, end, self.tuning, arm.seed, arm.name)
        model.save_pretrained(self.out / arm.name / "model")
        tokenizer.save_pretrained(self.out / arm.name / "model")
        size = {
            "pairs": len(pairs),
            "tokens": sum(len(pair) + 1 for pair in pairs),
            "solution_tokens": sum(len(pair.solution) + 1 for pair in pairs),
        }
        return {**size, "training_cpu_seconds": seconds, **self._nats(model, tokenizer)}

    def _pairs(self, tokenizer: Any, arm: Arm) -> list[Pair]:
        """The pairs that an arm is trained on; all arms of a seed have the same prompts."""
        tokens = encode(tokenizer, self.training)
        sized = [
            (pair, len(each) + 1)
            for pair, each in zip(self.training, tokens, strict=True)
            if fits(each, self.longest)
        ]
        random.Random(arm.seed).shuffle(sized)
        before = accumulate((size for _, size in sized), initial=0)
        chosen = [
            pair for (pair, _), seen in zip(sized, before, strict=False) if seen < self.tokens
        ]
        return shuffled(chosen, arm.seed) if arm.kind == SHUFFLED else chosen

    def _nats(self, model: Any, tokenizer: Any) -> dict[str, Any]:
        model.to(self.tuning.device)
        begin, nats = time.process_time(), {}
        for name, pairs in self.held_out.items():
            short = [each for each in encode(tokenizer, pairs) if fits(each, self.longest)]
            nats[name] = nats_per_token(model, short, self.tuning.device)
        return {"nats": nats, "evaluation_cpu_seconds": time.process_time() - begin}


def _once(file: Path, made: Callable[[], dict[str, Any]]) -> None:
    """Write what `made` returns as JSON, unless the file is there; whole or not at all."""
    if file.is_file():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    print(f"{file.parent.name}: {file.stem}", file=sys.stderr, flush=True)
    begin = time.monotonic()
    found = {**made(), "wall_seconds": time.monotonic() - begin}
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.rename(file)


def same_settings(out: Path, settings: dict[str, Any]) -> None:
    """Keep the settings of an experiment. Raises UsageError if those of its folder are others."""
    file = out / "settings.json"
    given = json.loads(json.dumps(settings, default=str))
    if not file.is_file():
        out.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(given))
    kept = json.loads(file.read_text())
    other = sorted(name for name in given if kept.get(name) != given[name])
    if other:
        raise UsageError(f"{out}: begun with another {', '.join(other)}; give another --out")
