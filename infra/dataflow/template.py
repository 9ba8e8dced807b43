"""What Google's launcher runs, by its path; the template itself is `pipelines.template`."""

import sys

from pipelines.template import main

sys.exit(main())
