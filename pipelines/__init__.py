"""In which order: wiring only, one file per stage, and the command line."""

import logging

# Beam warns at import of extras that quire does not use; errors still reach the user.
logging.getLogger().setLevel(logging.ERROR)

# In order: a new stage is one file, and one name here.
STAGES = ("crawl", "corpus", "functions", "contamination")
ASKED = ("contests",)  # stages that build runs only where a SOURCE of theirs is named
