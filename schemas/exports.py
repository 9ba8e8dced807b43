"""`exports/*`: examples and problems in the columns that trainers read."""

import pyarrow as pa

from schemas.dataset import dataset

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])

EXPORTS_TEXT = dataset(
    "exports/text",
    "feed",
    "one file of the feed, for pre-training (datasets, litdata, torchtitan, datatrove)",
    ("text", pa.string(), "the file's text"),
    ("id", pa.string(), "the example_id"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "hex digest of the text as UTF-8"),
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
)
EXPORTS_SFT = dataset(
    "exports/sft",
    "feed",
    "one function or problem, for supervised fine-tuning (TRL, Axolotl, LLaMA-Factory)",
    ("prompt", pa.string(), "what the model is given"),
    ("completion", pa.string(), "what it is to write"),
    ("messages", pa.list_(MESSAGE), "the same as a conversation of user and assistant"),
    ("id", pa.string(), "the example_id"),
    ("source", pa.string(), "functions or problems"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
)
REWARD_MODEL = pa.struct([("style", pa.string()), ("ground_truth", pa.string())])
EXTRA_INFO = pa.struct(
    [
        ("index", pa.int64()),
        ("split", pa.string()),
        ("problem_id", pa.string()),
        ("entry_point", pa.string()),
        ("kind", pa.string()),
        ("repo", pa.string()),
        ("licence_spdx", pa.string()),
        ("needs_picture", pa.bool_()),
    ]
)
EXPORTS_RL = dataset(
    "exports/rl",
    "feed",
    "one problem, for reinforcement learning with verl",
    ("data_source", pa.string(), "quire/ and the problem's source; verl picks the reward by it"),
    ("prompt", pa.list_(MESSAGE), "the problem as a conversation"),
    ("ability", pa.string(), "code"),
    ("reward_model", REWARD_MODEL, "style `rule`; ground_truth: the tests, as JSON"),
    ("extra_info", EXTRA_INFO, "what else is known of the problem"),
)
EXPORTS_HARBOR = dataset(
    "exports/harbor",
    "feed",
    "one problem as a task for Harbor: the folder of that name stands beside the shards",
    ("task", pa.string(), "name of its folder"),
    ("split", pa.string(), "train or validation, by repository"),
    ("problem_id", pa.string(), "the problem"),
    ("source", pa.string(), "the kind of its source"),
    ("repo", pa.string(), "project name"),
    ("licence_spdx", pa.string(), "SPDX expression of the source"),
    folders=True,
)
