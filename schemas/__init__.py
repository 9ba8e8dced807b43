"""What a row is: one file per dataset. Pure Arrow: no Beam, no I/O."""

from schemas.ci_configs import CI_CONFIGS
from schemas.corpus import CORPUS
from schemas.dataset import Dataset
from schemas.eval_tasks import EVAL_TASKS
from schemas.files import FILES
from schemas.functions import FUNCTIONS
from schemas.hits import HITS
from schemas.rejects import rejects
from schemas.removed import REMOVED
from schemas.repositories import REPOSITORIES
from schemas.signals import SIGNALS

__all__ = ["CI_CONFIGS", "CORPUS", "DATASETS", "EVAL_TASKS", "FILES", "FUNCTIONS", "HITS",
           "REMOVED", "REPOSITORIES", "SIGNALS", "Dataset", "by_name", "rejects"]  # fmt: skip

DATASETS: tuple[Dataset, ...] = (
    REPOSITORIES,
    FILES,
    CI_CONFIGS,
    SIGNALS,
    CORPUS,
    FUNCTIONS,
    HITS,
    EVAL_TASKS,
    REMOVED,
    rejects("crawl"),
    rejects("corpus"),
    rejects("functions"),
    rejects("contamination"),
)


def by_name(name: str) -> Dataset:
    """The dataset of that name; KeyError if there is none."""
    return {dataset.name: dataset for dataset in DATASETS}[name]
