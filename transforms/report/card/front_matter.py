"""The YAML at the head of the card, which the library `datasets` and the Hub read."""

from collections.abc import Sequence
from typing import Any

import yaml

from transforms.report.card.hub_licences import OTHER, hub_licences
from transforms.report.configs import LoadedConfig

TITLE = "Python code, functions and problems"
TAGS = ["code", "python", "code-generation", "quire"]
# The Hub's classes of sizes: the first number of rows that is too many for each.
SIZES = [(1_000, "n<1K")] + [
    (limit, f"{low}<n<{high}")
    for limit, low, high in (
        (10**4, "1K", "10K"),
        (10**5, "10K", "100K"),
        (10**6, "100K", "1M"),
        (10**7, "1M", "10M"),
        (10**8, "10M", "100M"),
        (10**9, "100M", "1B"),
        (10**10, "1B", "10B"),
        (10**11, "10B", "100B"),
        (10**12, "100B", "1T"),
    )
]
LARGEST = "n>1T"


def front_matter(configs: Sequence[LoadedConfig], licences: Sequence[str | None]) -> str:
    """The YAML of a card, between its two lines of dashes.

    licences: the SPDX expressions of the rows, None for rows without one.
    """
    names = hub_licences(licences)
    values: dict[str, Any] = {
        "pretty_name": TITLE,
        "license": names[0] if len(names) == 1 else names,
        # The Hub asks for a name where a licence is none of its list.
        **({"license_name": "see-the-column-licence_spdx"} if OTHER in names else {}),
        "language": ["code", "en"],
        "task_categories": ["text-generation"],
        "size_categories": [size_class(max((config.rows for config in configs), default=0))],
        "tags": TAGS,
        "configs": [_config(config, place) for place, config in enumerate(configs)],
    }
    filled = {key: value for key, value in values.items() if value}
    text: str = yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n"


def _config(config: LoadedConfig, place: int) -> dict[str, Any]:
    files = [
        {"split": split, "path": patterns[0] if len(patterns) == 1 else patterns}
        for split, patterns in config.splits.items()
    ]
    default = {"default": True} if place == 0 else {}
    return {"config_name": config.name, **default, "data_files": files}


def size_class(rows: int) -> str:
    """The Hub's class of a number of rows.

    >>> size_class(999), size_class(1000), size_class(2_500_000)
    ('n<1K', '1K<n<10K', '1M<n<10M')
    """
    return next((name for limit, name in SIZES if rows < limit), LARGEST)
