"""Problems with unit tests from projects that run Travis, tox or workflows (Codex section 4.2)."""

STAGE = "ci"
