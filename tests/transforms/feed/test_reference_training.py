"""The reference training of tests/bench/train.py, with a tiny model on a tiny DATA."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.token_folder import commit_rows, put_tokens

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
from train import main  # noqa: E402
from training.model_server import serving  # noqa: E402
from training.pair_tokens import PairTokens, batch  # noqa: E402
from training.paired import difference  # noqa: E402
from training.pairs import LIKE, Pair, evaluation_pairs, shuffled  # noqa: E402
from training.pretrained import open_model  # noqa: E402
from training.schedule import rate_at, warm_up  # noqa: E402
from training.small_gpt import windows_batch  # noqa: E402
from training.solution_loss import nats_per_token, token_nats  # noqa: E402

from tests.support.tiny_model import save_tiny_model  # noqa: E402
from transforms.feed.torch_data import NO_LOSS, TokenWindows, stacked  # noqa: E402
from transforms.sample.endpoint.address import Endpoint  # noqa: E402
from transforms.sample.endpoint.client import Client  # noqa: E402
from transforms.sample.endpoint.decoding_settings import Settings  # noqa: E402

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def train(capsys):
    """Runs the program; what it prints, or its one line of error."""

    def run(*arguments: object) -> str:
        try:
            main([*map(str, arguments)])
        except SystemExit as error:
            return str(error)
        captured = capsys.readouterr()
        return captured.out + captured.err

    return run


def example(number: int) -> dict[str, object]:
    repo = ("alpha", "beta", "held")[number % 3]
    prompt = f'def add_{number}(x):\n    """Return x plus {number}."""\n'
    row = {"source_id": f"{number:032}", "source": "functions", "repo": repo, "copy": 0}
    return row | {"prompt": prompt, "completion": f"    return x + {number}\n"}


def row_of(table: str, name: str) -> list[str]:
    return next(line for line in table.splitlines() if line.startswith(f"| {name}")).split("|")


def test_fine_tuning_learns_and_goes_on(train, tmp_path, model_folder) -> None:
    others = [example(1) | {"source": "corpus", "prompt": ""}, example(2) | {"copy": 1}]
    commit_rows(tmp_path / "data", "examples", [*map(example, range(48)), *others])
    flags = ["--model", model_folder, "--tokens", 1000, "--rate", 1e-2, "--held-out", "held"]
    sizes = ["--functions", 12, "--tasks", 2, "--seeds", 1]
    command = ["finetune", tmp_path / "data", "--out", tmp_path / "out", *flags, *sizes]
    first = train(*command)
    _, _, _, before, other, own, against_before, _, _ = row_of(first, "held-out functions (12)")
    assert max(float(own), float(other)) < float(before) - 0.5
    assert "better on 12 of 12" in against_before
    costs = [row_of(first, arm)[2:5] for arm in ("own-1", "shuffled-1")]
    assert costs[0] == costs[1], "the arms have the same prompts, and solutions"
    assert 1000 <= int(costs[0][1].replace(",", "")) < 1100

    # What is there is not made again; what is missing is.
    (tmp_path / "out" / "shuffled-1" / "nats.json").unlink()
    again = train(*command)
    assert again.splitlines()[:6] == first.splitlines()[:6]
    assert re.findall("^(.*): nats$", again, re.MULTILINE) == ["shuffled-1"]
    refused = train(*command, "--rate", 1e-3)
    assert refused.endswith("out: begun with another rate; give another --out")


@pytest.mark.parametrize("command", [["finetune", "--out", "out"], ["pretrain"]])
def test_an_empty_data_is_one_line(train, tmp_path, command) -> None:
    found = train(command[0], tmp_path, *command[1:])
    assert found.startswith("train: ") and found.endswith("`quire feed` makes them")
    assert "\n" not in found


def test_pretraining_learns_from_windows(train, tmp_path) -> None:
    commit_rows(
        tmp_path,
        "tokens",
        [{"shard": "a", "split": "train"}, {"shard": "b", "split": "validation"}],
    )
    for name, windows in (("a", 32), ("b", 2)):
        # Each document is 1, 2, … 14 and the end: all but its beginning can be told.
        tokens = np.tile(np.arange(1, 17) % 16, windows * 4).astype(np.uint16)
        ends, loss = np.arange(16, len(tokens) + 1, 16), np.ones(len(tokens))
        put_tokens(tmp_path, name, tokens, ends, loss, window=64, vocabulary=16)
    size = ["--width", 32, "--layers", 2, "--steps", 30, "--step-tokens", 256, "--at-once", 2]
    found = train("pretrain", tmp_path, *size, "--rate", 1e-2, "--out", tmp_path / "model")
    assert "30 steps of 2 x 2 windows of 64" in found
    losses = [float(loss) for loss in re.findall(r"^\| \d+ \| (\S+)", found, re.MULTILINE)]
    assert losses[0] > 2 and losses[-1] < 0.3
    assert float(re.findall("validation: (\\S+)", found)[0]) < 0.3
    assert (tmp_path / "model" / "config.json").is_file()


TOKENS = st.lists(st.integers(1, 200), min_size=2, max_size=12)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.builds(PairTokens, TOKENS, TOKENS), min_size=1, max_size=5))
def test_the_loss_is_that_of_transformers_on_solutions_alone(model_folder, pairs) -> None:
    """Padding and neighbours change nothing, and prompts have no loss."""
    model, _ = open_model(model_folder)
    nats = token_nats(model, batch(pairs, 0)).split([len(pair.solution) for pair in pairs])
    for pair, own in zip(pairs, nats, strict=True):
        ids = torch.tensor([pair.prompt + pair.solution])
        labels = torch.tensor([[NO_LOSS] * len(pair.prompt) + pair.solution])
        assert own.mean().item() == pytest.approx(model(ids, labels=labels).loss.item(), abs=1e-4)
    found = nats_per_token(model, pairs, "cpu")
    assert found == pytest.approx([each[1:].mean().item() for each in nats], abs=0.05)  # bfloat16


def test_documents_of_a_window_do_not_attend_to_one_another(tmp_path, model_folder) -> None:
    model, _ = open_model(model_folder)
    documents = [[5, 6, 7, 0], [9, 8, 0], [1, 2, 3, 4, 0]]
    tokens = np.array(sum(documents, []), np.uint16)
    commit_rows(tmp_path, "tokens", [{"shard": "a", "split": "train"}])
    put_tokens(tmp_path, "a", tokens, np.array([4, 7, 12]), np.ones(12), window=12)
    [window] = TokenWindows(str(tmp_path))
    found = token_nats(model, windows_batch(stacked([window]))).tolist()
    alone = [token_nats(model, batch([PairTokens(d[:1], d[1:])], 0)).tolist() for d in documents]
    assert found == pytest.approx(sum(alone, []), abs=1e-4)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=40), st.integers(0, 9))
def test_shuffled_solutions_stay_near_and_no_prompt_keeps_its_own(prompts, seed) -> None:
    pairs = [Pair("r", prompt, str(number)) for number, prompt in enumerate(prompts)]
    other = shuffled(pairs, seed)
    assert [pair.prompt for pair in other] == prompts
    assert Counter(pair.solution for pair in other) == Counter(pair.solution for pair in pairs)
    assert len(pairs) % LIKE == 1 or all(a != b for a, b in zip(pairs, other, strict=True))
    ranks = {
        at: rank
        for rank, at in enumerate(sorted(range(len(prompts)), key=lambda at: len(prompts[at])))
    }
    assert all(abs(ranks[int(b.solution)] - ranks[at]) < LIKE for at, b in enumerate(other))


def test_the_schedule_is_the_recipes() -> None:
    rates = [rate_at(step, 10_000) for step in range(10_000)]
    assert warm_up(10_000) == 175 and max(rates) == rates[174] == 1.0
    assert np.allclose(np.diff(rates[:175]), 1 / 175), "linear"
    assert all(a >= b for a, b in pairwise(rates[174:])) and rates[-1] < 1e-6
    assert rates[175 + (10_000 - 175) // 2] == pytest.approx(0.5, abs=1e-3)
    assert rate_at(0, 1) == 1.0


def test_intervals_cover_the_mean_that_differences_are_drawn_from() -> None:
    chance = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        before = chance.normal(2, 1, 60)  # tasks differ much more than the two measurements
        found = difference(list(before + chance.normal(-0.1, 0.2, 60)), list(before))
        covered += found.low <= -0.1 <= found.high
        assert found.high - found.low < 0.15
    assert covered >= 88


def test_humanevals_pairs_are_its_programs() -> None:
    pairs = evaluation_pairs("humaneval")
    assert len(pairs) == 164
    for pair in pairs:
        compile(pair.prompt + pair.solution, "task", "exec")
        assert not pair.solution.startswith("def")


def test_the_server_answers_what_quire_sample_asks(model_folder) -> None:
    model, tokenizer = open_model(model_folder)
    settings = Settings(model="tiny", temperature=1.0, top_p=0.95, max_tokens=12)
    with serving(model, tokenizer) as base:
        client = Client(Endpoint(base, tries=1), settings)
        texts = [each.text for each in client.complete("def f():\n", (), 3)]
        assert len(set(texts)) == 3 and all(texts)
        greedy = Client(Endpoint(base, tries=1), settings.__class__("tiny", 0.0, 1.0, 12))
        [whole] = greedy.complete("def f():\n", (), 1)
        stop = whole.text[4:6]
        [cut] = greedy.complete("def f():\n", (stop,), 1)
        assert cut.text == whole.text.partition(stop)[0]
