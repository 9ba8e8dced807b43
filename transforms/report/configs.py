"""Which datasets of DATA a reader loads by name, and by which files: the configurations."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from schemas import SECRETS, Dataset, by_name
from transforms.lib.detection.policy import REPORT, read_policy
from transforms.lib.skeleton.catalog import view_name
from transforms.lib.skeleton.parquet_files import open_parquet
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

# What a reader loads. The first of them that is there is the one that is loaded by default.
LOADED = (
    "examples",
    "corpus",
    "functions",
    "problems",
    "contest_problems",
    "ci_problems",
    "exports/text",
    "exports/sft",
    "exports/rl",
    "exports/harbor",
)
# What explains DATA to who made it and is in no configuration, with the reason.
ABOUT_DROPPED = "it names or measures what was dropped, opted out or removed"
OF_THE_MACHINE = "a record of what ran on the maker's machine"
IN_PROBLEMS = "what matters of it is in `problems`"
WITHHELD = {
    "repositories": "addresses, states and times of the crawl",
    "files": "every file as it was fetched, with what the filters drop and with all secrets",
    "ci_configs": "configuration as it stood, which may hold tokens and addresses",
    "signals": ABOUT_DROPPED,
    "clusters": ABOUT_DROPPED,
    "secrets": "it says where secrets are",
    "hits": "excerpts of evaluation tasks: published, they would leak the tasks",
    "eval_tasks": "evaluation tasks and what was found of them",
    "removed": ABOUT_DROPPED,
    "contest_sources": OF_THE_MACHINE,
    "recipes": "how projects were tested, with their environment variables",
    "environments": "logs of builds and tests",
    "calls": "values that were recorded while tests ran, secrets among them",
    "tests": IN_PROBLEMS,
    "strength": IN_PROBLEMS,
    "verdicts/verify": OF_THE_MACHINE,
    "verdicts/evaluate": OF_THE_MACHINE,
    "tokens": "made of `examples`; trainers read the files beside its shards, not its rows",
    "scores": OF_THE_MACHINE,
    "runs": OF_THE_MACHINE,
    "rejects": ABOUT_DROPPED,
}
AS_FOUND = "the values that the policy of `secrets` masks or drops elsewhere still stand in it"
ALL = "train"  # the split of a dataset whose shards are not by split, as `datasets` calls it
SPLIT_COLUMNS = ("split", "extra_info.split")  # paths of Parquet columns that hold a row's split
SHARED = ("exports/text", "exports/sft")  # each shard has the split of that of `examples`
READERS = 16  # shards whose ends are read at the same time: each waits for a disk or a server


@dataclass(frozen=True)
class LoadedConfig:
    """A configuration: a committed dataset that has rows, and its splits.

    splits: by name, the patterns of the files below DATA. They match its committed shards alone.
    """

    dataset: Dataset
    rows: int
    size: int
    splits: dict[str, list[str]]

    @property
    def name(self) -> str:
        """What it is loaded by: a name of a configuration has no `/`."""
        return view_name(self.dataset.name)

    @property
    def patterns(self) -> list[str]:
        """The patterns of the files of all splits."""
        return [pattern for patterns in self.splits.values() for pattern in patterns]


def load_configs(data: Storage) -> tuple[LoadedConfig, ...]:
    """The configurations of DATA, the default first; datasets without rows are none.

    Nor is `corpus` where the policy of `secrets` masks or drops.
    """
    configs = []
    for name in LOADED:
        if withheld(name, data):
            continue
        manifest = read_manifest(data, name)
        if manifest and manifest["rows"]:
            shards = [shard["name"] for shard in manifest["shards"]]
            splits = _splits(data, by_name(name), shards)
            configs.append(LoadedConfig(by_name(name), manifest["rows"], manifest["bytes"], splits))
    return tuple(configs)


def withheld(name: str, data: Storage) -> str | None:
    """Why a dataset of DATA is in no configuration; None if it is one."""
    if name == "corpus" and _acts_elsewhere(data):
        return AS_FOUND
    return WITHHELD.get(name) or WITHHELD.get(name.partition("/")[0])


def _acts_elsewhere(data: Storage) -> bool:
    """Whether something was found, and the policy does more than report it."""
    policy, manifest = read_policy(data), read_manifest(data, SECRETS.name)
    return bool(policy and policy.name != REPORT and manifest and manifest["rows"])


def _splits(data: Storage, dataset: Dataset, shards: list[str]) -> dict[str, list[str]]:
    """The files of each split; all in one if some shard holds several splits, or does not say."""
    found = _split_of_shards(data, dataset, shards)
    names = {split or ALL for split in found}
    if len(names) == 1 or None in found:
        return {names.pop() if len(names) == 1 else ALL: [f"{dataset.name}/part-*.parquet"]}
    return {
        name: [f"{dataset.name}/{shards[i]}" for i, split in enumerate(found) if split == name]
        for name in sorted(names)
    }


def _split_of_shards(data: Storage, dataset: Dataset, shards: list[str]) -> list[str | None]:
    """The split of each shard: `feed` alone writes shards that are of one split each."""
    if dataset.stage != "feed":
        return [None]
    folder = "examples" if dataset.name in SHARED else dataset.name
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(lambda shard: split_of(data, f"{folder}/{shard}"), shards))


def split_of(data: Storage, shard: str) -> str | None:
    """The split that all rows of a shard have, by the statistics at its end; None if several."""
    with open_parquet(data.path(shard)) as parquet:
        groups = parquet.metadata
        values = {
            value
            for i in range(groups.num_row_groups)
            for j in range(groups.num_columns)
            if (column := groups.row_group(i).column(j)).path_in_schema in SPLIT_COLUMNS
            for value in (column.statistics.min, column.statistics.max)
        }
    return values.pop() if len(values) == 1 else None
