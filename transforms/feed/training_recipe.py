"""How Codex was trained, as data: what its paper says, what GPT-3's says instead, what neither.

Each value stands beside its source. A value that the paper does not give is null, with a reason;
where Codex is said to follow GPT-3, the value of GPT-3 stands in, and its source says so.
"""

from collections.abc import Mapping
from typing import Any, Literal

Purpose = Literal["pretraining", "fine-tuning"]
RECIPE_FILE = "recipe.json"  # below DATA
CODEX, GPT_3 = "arXiv:2107.03374", "arXiv:2005.14165"
METHODS, SUPERVISED = f"{CODEX}, section 3.2", f"{CODEX}, section 4.4"
LIKE_GPT_3 = f"{GPT_3}, Table 2.1; {METHODS}: as the GPT model of that size"
# Parameters, learning rate, tokens in a batch: GPT-3's Table 2.1.
GPT_3_SIZES = (
    (125_000_000, 6.0e-4, 500_000),
    (350_000_000, 3.0e-4, 500_000),
    (760_000_000, 2.5e-4, 500_000),
    (1_300_000_000, 2.0e-4, 1_000_000),
    (2_700_000_000, 1.6e-4, 1_000_000),
    (6_700_000_000, 1.2e-4, 2_000_000),
    (13_000_000_000, 1.0e-4, 2_000_000),
    (175_000_000_000, 0.6e-4, 3_200_000),
)
FINE_TUNING_SHARE = 0.1  # of the learning rate


def recipe(purpose: Purpose) -> dict[str, Any]:
    """The recipe for pre-training on code, or for supervised fine-tuning after it.

    >>> recipe("pretraining")["warmup_steps"]
    {'value': 175, 'source': 'arXiv:2107.03374, section 3.2'}
    """
    values = _pretraining() if purpose == "pretraining" else _pretraining() | _fine_tuning()
    return {"purpose": purpose, "paper": CODEX} | values


def recipes() -> dict[str, Any]:
    """Both recipes by their purpose."""
    return {"pretraining": recipe("pretraining"), "fine-tuning": recipe("fine-tuning")}


def _pretraining() -> dict[str, Any]:
    adam = {"name": "Adam", "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weight_decay": 0.1}
    return {
        "tokens": _said(100_000_000_000, METHODS),
        "optimizer": _said(adam, METHODS),
        "warmup_steps": _said(175, METHODS),
        "warmup": _said("linear", METHODS),
        "schedule": _said("cosine", METHODS),
        "last_learning_rate": _unsaid("GPT-3's is a tenth of the learning rate"),
        "learning_rate": _said(_by_size(1), LIKE_GPT_3),
        "batch_tokens": _said(_by_size(2), f"{GPT_3}, Table 2.1; the paper gives none"),
        "window": _said(2048, f"{GPT_3}, section 2.1; the paper gives none"),
        "gradient_clipping": _unsaid("GPT-3's is a norm of 1.0"),
        "loss": _said("every token", "usual for language models; the paper names no other"),
        "tokenizer": _said("GPT-3's, with further tokens for runs of blanks", METHODS),
    }


def _fine_tuning() -> dict[str, Any]:
    rates = {size: round(rate * FINE_TUNING_SHARE, 9) for size, rate in _by_size(1).items()}
    return {
        "tokens": _said(None, f"{SUPERVISED}: until validation loss plateaus, below 10 billion"),
        "most_tokens": _said(10_000_000_000, SUPERVISED),
        "learning_rate": _said(rates, f"{SUPERVISED}: a tenth of it; {LIKE_GPT_3}"),
        "batch_tokens": _unsaid("nothing is said of batches of fine-tuning"),
        "loss": _said("the tokens of the solution alone", SUPERVISED),
        "padding": _said("on the left, to the longest prompt of the batch", SUPERVISED),
    }


def _by_size(column: int) -> dict[str, float]:
    """A column of GPT_3_SIZES by the parameters of the model."""
    return {str(row[0]): row[column] for row in GPT_3_SIZES}


def _said(value: Any, source: str) -> Mapping[str, Any]:
    return {"value": value, "source": source}


def _unsaid(note: str) -> Mapping[str, Any]:
    return {"value": None, "source": f"not in the paper; {note}"}
