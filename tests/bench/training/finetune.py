"""The command `finetune`: all arms of the experiment, each trained and measured once."""

from argparse import Namespace

from training.arms import BEFORE, OWN, SHUFFLED, Arm, Experiment, same_settings
from training.fine_tuning import FineTuning
from training.outcome import outcome
from training.pairs import Pair, digest, evaluation_pairs, some
from training.pretrained import installed_model

# What neither changes an arm nor a measurement.
FREE = {"run", "data", "out", "seeds", "threads", "pass_at_1"}


def finetune(options: Namespace, training: list[Pair], held_out: list[Pair]) -> None:
    """Train what arms are missing, measure them, and print the tables."""
    measured = {name: some(pairs, limit) for name, pairs, limit in _sets(options, held_out)}
    given = {name: value for name, value in vars(options).items() if name not in FREE}
    same_settings(options.out, given | {"examples": digest([*training, *held_out])})
    experiment = Experiment(
        options.out,
        options.model or installed_model(),
        training,
        measured,
        options.tokens,
        options.longest,
        FineTuning(options.rate, options.pairs, options.at_once, options.device),
    )
    arms = [Arm(kind, seed) for seed in options.seeds for kind in (OWN, SHUFFLED)]
    experiment.measure_before()
    for arm in arms:
        experiment.train(arm)
    for name in (BEFORE, *(arm.name for arm in arms)) if options.pass_at_1 else ():
        experiment.score(name, options.pass_at_1)
    print("held out:", ", ".join(sorted({pair.repo for pair in held_out})), end="\n\n")
    print(*outcome(options.out, options.seeds), sep="\n")


def _sets(options: Namespace, held_out: list[Pair]) -> list[tuple[str, list[Pair], int]]:
    """What is measured: name, pairs, and how many of them at most."""
    sets = [
        (spec.partition("=")[0], evaluation_pairs(spec), options.tasks) for spec in options.evals
    ]
    return [("held-out functions", held_out, options.functions), *sets]
