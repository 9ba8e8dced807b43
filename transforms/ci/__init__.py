"""Problems with unit tests from projects that run Travis, tox or workflows (Codex section 4.2)."""

STAGE = "ci"
RECIPES_ONLY = ("recipes",)
TRACED = ("recipes", "environments", "calls")  # what is written while projects are tested
MADE = ("ci_problems", "rejects/ci")  # what is made of the calls
DATASETS = (*TRACED, *MADE)
