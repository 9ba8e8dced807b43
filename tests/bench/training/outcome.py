"""The outcome of the experiment as Markdown: nats per token in pairs, pass@1, and what it cost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from training.arms import BEFORE, OWN, SHUFFLED, Arm
from training.paired import difference

NATS = (
    "| nats per token of the solution, but its first | seed | before | shuffled | own "
    "| own − before (95 %) | own − shuffled (95 %) |\n|---|---:|---:|---:|---:|---|---|"
)
COST = (
    "| arm | functions | tokens | of solutions | CPU-s of training | CPU-s of an evaluation "
    "| pass@1 |\n|---|---:|---:|---:|---:|---:|---:|"
)


def outcome(out: Path, seeds: list[int]) -> Iterator[str]:
    """Yields the lines of the tables."""
    before = _read(out, BEFORE, "nats")
    arms = {arm: _read(out, arm.name, "nats") for arm in _arms(seeds)}
    yield NATS
    for name, nats in before["nats"].items():
        of = {arm: found["nats"][name] for arm, found in arms.items()}
        for seed in seeds:
            yield _row(name, str(seed), nats, of[Arm(OWN, seed)], of[Arm(SHUFFLED, seed)])
        if len(seeds) > 1:
            own, other = (
                _mean([of[Arm(kind, seed)] for seed in seeds]) for kind in (OWN, SHUFFLED)
            )
            yield _row(name, "mean", nats, own, other)
    yield ""
    yield COST
    yield _cost(out, BEFORE, before)
    for arm, found in arms.items():
        yield _cost(out, arm.name, found)


def _arms(seeds: list[int]) -> list[Arm]:
    return [Arm(kind, seed) for seed in seeds for kind in (OWN, SHUFFLED)]


def _read(out: Path, name: str, what: str) -> dict[str, Any]:
    return dict(json.loads((out / name / f"{what}.json").read_text()))


def _mean(of_seeds: list[list[float]]) -> list[float]:
    """Of each task, the mean over the seeds."""
    return [float(each) for each in np.mean(of_seeds, axis=0)]


def _row(name: str, seed: str, before: list[float], own: list[float], other: list[float]) -> str:
    means = " | ".join(f"{np.mean(each):.4f}" for each in (before, other, own))
    return f"| {name} ({len(before)}) | {seed} | {means} | {difference(own, before)} | {difference(own, other)} |"


def _cost(out: Path, name: str, found: dict[str, Any]) -> str:
    sizes = [
        f"{found[key]:,}" if key in found else "" for key in ("pairs", "tokens", "solution_tokens")
    ]
    seconds = [
        f"{found[key]:.0f}" if key in found else ""
        for key in ("training_cpu_seconds", "evaluation_cpu_seconds")
    ]
    scored = (out / name / "pass.json").is_file() and _read(out, name, "pass")
    score = (
        f"{scored['passed'] / scored['tasks']:.4f} ({scored['passed']} of {scored['tasks']})"
        if scored
        else ""
    )
    return f"| {' | '.join([name, *sizes, *seconds, score])} |"
