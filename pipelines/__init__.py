"""In which order: wiring only, one file per stage, and the command line."""

import logging

# Beam warns at import of extras that quire does not use; errors still reach the user.
logging.getLogger().setLevel(logging.ERROR)

# In order: a new stage is one file, and one name here.
STAGES = ("crawl", "corpus", "functions", "contests", "verify", "contamination")
ASKED = ("contests", "verify")  # of these, what build runs only where a SOURCE of contests is named
SAMPLED = ("sample", "evaluate")  # commands about samples: DATA is a flag there, or none
