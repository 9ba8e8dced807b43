"""The feed stage: what was built becomes what a trainer reads, in a seeded order.

- `selection`: which rows of `corpus`, `functions` and `problems` may be trained on
- `examples`: such rows as prompt and completion
- `slices`: examples from the units that select them to the shards that hold them
- `tokenizers/`, `documents`, `packing`, `token_files`: examples as files of tokens
- `exports/`: the columns that trainers read
"""

STAGE = "feed"
DATASETS = ("examples", "rejects/feed")  # always; `tokens` and exports where they are asked for
