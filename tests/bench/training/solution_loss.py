"""The loss on solutions alone: nats of their tokens under a model."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from training.pair_tokens import Batch, PairTokens, batch, of_like_length


def token_nats(model: Any, given: Batch) -> Tensor:
    """Nats of each learned token, row by row; float32[learned tokens].

    The large matrix of the vocabulary is applied where something is learned and nowhere else.
    """
    hidden = model.model(
        input_ids=given.ids,
        attention_mask=given.attended,
        position_ids=given.positions,
        use_cache=False,
    ).last_hidden_state
    learned = given.learned[:, 1:]
    scores = model.lm_head(hidden[:, :-1][learned]).float()
    return cross_entropy(scores, given.ids[:, 1:][learned], reduction="none")


def nats_per_token(model: Any, pairs: list[PairTokens], device: str) -> list[float]:
    """Of each pair, the mean nats of the tokens of its solution but the first.

    That one is left out because it tells of tokenizers, not of code: a solution begins with blanks
    after the line break that ends its prompt, which a tokenizer may join into one token elsewhere,
    so that a model which was never asked so finds 10 nats in it.
    """
    found = [0.0] * len(pairs)
    model.eval()
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        for group in of_like_length(pairs):
            given = batch([pairs[at] for at in group], 0).to(device)
            nats = token_nats(model, given).cpu()
            ends = [len(pairs[at].solution) for at in group]
            for at, part in zip(group, nats.split(ends), strict=True):
                found[at] = part[1:].mean().item()
    return found
