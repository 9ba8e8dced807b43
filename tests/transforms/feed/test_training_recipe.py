"""The recipe: what the paper says, each value with its source."""

import json

import pytest

from transforms.feed.training_recipe import recipe


@pytest.mark.parametrize("purpose", ["pretraining", "fine-tuning"])
def test_each_value_has_a_source_and_json_holds_it(purpose: str) -> None:
    said = recipe(purpose)
    assert json.loads(json.dumps(said)) == said
    values = {name: each for name, each in said.items() if name not in ("purpose", "paper")}
    assert values and all(each["source"].strip() for each in values.values())
    unknown = {name for name, each in values.items() if each["value"] is None}
    assert all("not in the paper" in values[n]["source"] for n in unknown - {"tokens"})


def test_fine_tuning_has_a_tenth_of_the_learning_rate_and_the_same_schedule() -> None:
    before, after = recipe("pretraining"), recipe("fine-tuning")
    for size, rate in before["learning_rate"]["value"].items():
        assert after["learning_rate"]["value"][size] == pytest.approx(rate / 10)
    same = ("warmup_steps", "schedule", "optimizer")
    assert all(before[name] == after[name] for name in same)
    assert before["optimizer"]["value"]["beta2"] == 0.95
