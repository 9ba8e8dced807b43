"""What Google's launcher runs, by its path; the template itself is `pipelines.running.template`."""

import sys

from pipelines.running.template import main

sys.exit(main())
