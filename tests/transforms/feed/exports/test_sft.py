"""TRL's own preparation of `exports/sft`: it trains on the completion and the end, as we do."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.feed.exports.sft import sft_rows

trl = pytest.importorskip("trl")
datasets = pytest.importorskip("datasets")
tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

# What these libraries themselves do by now deprecated means is theirs to change.
pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("ignore")]
END = "<|endoftext|>"


def byte_tokenizer():
    """A tokenizer of bytes, as transformers has them."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    model = tokenizers.models.BPE({each: i for i, each in enumerate([*alphabet, END])}, [])
    own = tokenizers.Tokenizer(model)
    own.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = tokenizers.decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=own, eos_token=END, pad_token=END, clean_up_tokenization_spaces=False
    )


def trainer(file: Path, folder: Path):
    """An SFTTrainer with the smallest of models on the prompt-completion columns of a file."""
    columns = datasets.load_dataset(
        "parquet", data_files=str(file), split="train", cache_dir=str(folder / "cache")
    ).select_columns(["prompt", "completion"])
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 1, "num_key_value_heads": 1, "vocab_size": 257}
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, **heads))
    options = {"bf16": False, "use_cpu": True, "report_to": "none", "max_length": None}
    arguments = trl.SFTConfig(
        output_dir=str(folder / "out"), per_device_train_batch_size=2, **options
    )
    return trl.SFTTrainer(
        model=model, args=arguments, train_dataset=columns, processing_class=byte_tokenizer()
    )


def test_trl_masks_the_prompt_and_trains_on_completion_and_end(
    examples: pa.Table, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    rows = sft_rows(examples)
    pq.write_table(rows, tmp_path / "sft.parquet")
    prepared = trainer(tmp_path / "sft.parquet", tmp_path)
    tokenizer = byte_tokenizer()
    for row, made in zip(rows.to_pylist(), prepared.train_dataset, strict=True):
        prompt, solution = (tokenizer(row[name])["input_ids"] for name in ("prompt", "completion"))
        trained = [*solution, tokenizer.eos_token_id]
        assert made["input_ids"] == prompt + trained
        assert made["labels"] == [-100] * len(prompt) + trained
    for batch in prepared.get_train_dataloader():
        for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
            said = tokenizer.decode(ids[labels != -100])
            assert said in {row["completion"] + END for row in rows.to_pylist()}
