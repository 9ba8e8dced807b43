"""What a row is: one file per dataset. Pure Arrow: no Beam, no I/O."""

from schemas.ci_configs import CI_CONFIGS
from schemas.corpus import CORPUS
from schemas.dataset import Dataset
from schemas.eval_tasks import EVAL_TASKS
from schemas.files import FILES
from schemas.hits import HITS
from schemas.rejects import rejects
from schemas.removed import REMOVED
from schemas.repositories import REPOSITORIES
from schemas.scores import SCORES
from schemas.signals import SIGNALS
from schemas.verdicts import VERDICTS_EVALUATE

__all__ = ["CI_CONFIGS", "CORPUS", "DATASETS", "EVAL_TASKS", "FILES", "HITS", "REMOVED",
           "REPOSITORIES", "SCORES", "SIGNALS", "VERDICTS_EVALUATE", "Dataset", "by_name",
           "rejects"]  # fmt: skip

DATASETS: tuple[Dataset, ...] = (
    REPOSITORIES,
    FILES,
    CI_CONFIGS,
    SIGNALS,
    CORPUS,
    HITS,
    EVAL_TASKS,
    REMOVED,
    rejects("crawl"),
    rejects("corpus"),
    rejects("contamination"),
    VERDICTS_EVALUATE,
    SCORES,
)


def by_name(name: str) -> Dataset:
    """The dataset of that name; KeyError if there is none."""
    return {dataset.name: dataset for dataset in DATASETS}[name]
