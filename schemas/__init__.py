"""What a row is: one file for each dataset. Arrow schemas alone: no Beam, no I/O."""

from schemas.calls import CALLS
from schemas.ci_configs import CI_CONFIGS
from schemas.ci_problems import CI_PROBLEMS
from schemas.clusters import CLUSTERS
from schemas.contest_problems import CONTEST_PROBLEMS
from schemas.contest_sources import CONTEST_SOURCES
from schemas.corpus import CORPUS
from schemas.dataset import Dataset
from schemas.environments import ENVIRONMENTS
from schemas.eval_tasks import EVAL_TASKS
from schemas.examples import EXAMPLES
from schemas.exports import EXPORTS_HARBOR, EXPORTS_RL, EXPORTS_SFT, EXPORTS_TEXT
from schemas.files import FILES
from schemas.functions import FUNCTIONS
from schemas.hits import HITS
from schemas.problems import PROBLEMS
from schemas.recipes import RECIPES
from schemas.rejects import rejects
from schemas.removed import REMOVED
from schemas.repositories import REPOSITORIES
from schemas.runs import RUNS
from schemas.scores import SCORES
from schemas.secrets import SECRETS
from schemas.signals import SIGNALS
from schemas.strength import STRENGTH
from schemas.tests import TESTS
from schemas.tokens import TOKENS
from schemas.verdicts import VERDICTS_EVALUATE, VERDICTS_VERIFY

__all__ = [
    "CALLS",
    "CI_CONFIGS",
    "CI_PROBLEMS",
    "CLUSTERS",
    "CONTEST_PROBLEMS",
    "CONTEST_SOURCES",
    "CORPUS",
    "DATASETS",
    "ENVIRONMENTS",
    "EVAL_TASKS",
    "EXAMPLES",
    "EXPORTS_HARBOR",
    "EXPORTS_RL",
    "EXPORTS_SFT",
    "EXPORTS_TEXT",
    "FILES",
    "FUNCTIONS",
    "HITS",
    "PROBLEMS",
    "RECIPES",
    "REMOVED",
    "REPOSITORIES",
    "RUNS",
    "SCORES",
    "SECRETS",
    "SIGNALS",
    "STRENGTH",
    "TESTS",
    "TOKENS",
    "VERDICTS_EVALUATE",
    "VERDICTS_VERIFY",
    "Dataset",
    "by_name",
    "rejects",
]

DATASETS: tuple[Dataset, ...] = (
    REPOSITORIES,
    FILES,
    CI_CONFIGS,
    SIGNALS,
    CORPUS,
    CLUSTERS,
    SECRETS,
    FUNCTIONS,
    HITS,
    EVAL_TASKS,
    REMOVED,
    CONTEST_PROBLEMS,
    CONTEST_SOURCES,
    RECIPES,
    ENVIRONMENTS,
    CALLS,
    CI_PROBLEMS,
    TESTS,
    STRENGTH,
    PROBLEMS,
    VERDICTS_VERIFY,
    VERDICTS_EVALUATE,
    EXAMPLES,
    TOKENS,
    EXPORTS_TEXT,
    EXPORTS_SFT,
    EXPORTS_RL,
    EXPORTS_HARBOR,
    SCORES,
    RUNS,
    rejects("crawl"),
    rejects("corpus"),
    rejects("functions"),
    rejects("contamination"),
    rejects("contests"),
    rejects("ci"),
    rejects("verify"),
    rejects("feed"),
)


def by_name(name: str) -> Dataset:
    """The dataset of that name; KeyError if there is none."""
    return {dataset.name: dataset for dataset in DATASETS}[name]
