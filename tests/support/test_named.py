"""The test of what text names can fail: made-up texts, and what is found in them."""

import pytest

from tests.support import named

# Text, the file it stands in, and what is found in it.
MADE_UP = [
    ("see transforms.lib.skeleton.units", "README.md", ""),
    ("see transforms.skeleton.units", "README.md", "transforms.skeleton.units: no such name"),
    ("apache_beam.transforms.environments", "README.md", ""),
    ("[tool]\nquire = 'pipelines.cli:main'", "pyproject.toml", ""),
    (
        "[tool]\nquire = 'pipelines.cli:run_it'",
        "pyproject.toml",
        "pipelines.cli:run_it: no such name",
    ),
    ("[python, -P, -m, pipelines.running.worker_pool, --port]", "infra/a.yaml", ""),
    (
        "[python, -P, -m, pipelines.worker_pool]",
        "infra/a.yaml",
        "pipelines.worker_pool: no such name",
    ),
    ('"$python" -m pipelines.cli.main', "infra/a.sh", "-m pipelines.cli.main: no module to run"),
    ("python -m pipelines.running", "infra/a.sh", "-m pipelines.running: no module to run"),
    ('run("-m", "pipelines.nothing")', "tests/a.py", "pipelines.nothing: no such name"),
    ('run([python, "-m", "transforms.lib"])', "tests/a.py", "-m transforms.lib: no module to run"),
    ('importlib.import_module("schemas.corpus")', "tests/a.py", ""),
    ('importlib.import_module("schemas.corpse")', "tests/a.py", "schemas.corpse: no such name"),
    ('files("transforms.contamination.patterns")', "transforms/contamination/a.py", ""),
    ('files("transforms.contamination.data")', "transforms/contamination/a.py", "no such name"),
    ('patch("pipelines.crawl.POLITENESS", 1)', "tests/a.py", ""),
    (
        'patch("pipelines.crawl.RUDENESS", 1)',
        "tests/a.py",
        "pipelines.crawl.RUDENESS: no such name",
    ),
    ('patch("transforms.lib.skeleton.shards.UnitShards.commit")', "tests/a.py", ""),
    ('patch("transforms.lib.skeleton.shards.UnitShards.forget")', "tests/a.py", "no such name"),
    ('patch("transforms.lib.network.fetch.time.sleep", wait)', "tests/a.py", ""),
    ('f"transforms.{stage}.stage"', "pipelines/running/a.py", ""),
    ('f"transforms.{stage}.steps"', "pipelines/a.py", "transforms.crawl.steps: no such name"),
    ('f"transforms.{stage}.{name}"', "pipelines/a.py", ""),
    (
        'f"transforms.{stage}.steps.{name}"',
        "pipelines/a.py",
        "transforms.crawl.steps: no such name",
    ),
    ('f"pipelines.{name}"', "pipelines/cli.py", ""),
    ('f"pipelines.running.{name}"', "pipelines/cli.py", "pipelines.running.build: no such name"),
    ('f"tests/{name}.md"', "tests/a.py", "tests/crawl.md: no such file"),
    ("# in transforms/lib/sandbox/attacks.py\n", "tests/a.py", "no such file"),
    ("# in tests/transforms/lib/sandbox/attacks.py.\n", "tests/a.py", ""),
    ("bash infra/flink/up.sh; bash infra/up.sh", "tests/a.sh", "infra/up.sh: no such file"),
    ("transforms/lib/*/no_such.py", "README.md", "no such file"),
    ("from transforms.lib.sandbox import Sandbox", "README.md", ""),
    ("from transforms.sandbox import Sandbox", "README.md", "transforms.sandbox: no such name"),
    ("python -c 'from pipelines import cly'", "tests/a.sh", "from pipelines import cly: no such"),
    ('START = "import sys\\nfrom pipelines import cli\\ncli.main()"', "tests/a.py", ""),
    (
        'START = "import sys\\nfrom pipelines import cli\\ncli.start()"',
        "tests/a.py",
        "pipelines.cli.start",
    ),
    ('f"from pipelines import cli, crowl; cli.X = {x}"', "tests/a.py", "pipelines import crowl"),
    ("from pipelines import cli\ncli.start()", "tests/a.py", "pipelines.cli.start: no such name"),
    ("from pipelines import cli\ndef f(cli): cli.start()", "tests/a.py", ""),
    (
        'from pipelines import crawl\npatch.setattr(crawl, "RUDENESS", 1)',
        "tests/a.py",
        "crawl.RUDENESS",
    ),
    ('from pipelines import crawl\npatch.setattr(crawl, "POLITENESS", 1)', "tests/a.py", ""),
    ("import transforms.lib.nothing", "tests/a.py", "import transforms.lib.nothing: no such"),
    ("# as pipelines.cli does\n", "transforms/corpus/a.py", "pipelines.cli: not below"),
    ('"""See transforms.corpus.stage."""', "transforms/lib/text/a.py", "not below"),
    ('"""See transforms.corpus.stage."""', "transforms/functions/a.py", "not below"),
    ('"""See transforms.corpus.stage."""', "transforms/corpus/a.py", ""),
    ('"""See transforms.corpus.stage."""', "pipelines/functions.py", ""),
    ('"""See transforms/corpus/near.py."""', "transforms/lib/text/a.py", "not below"),
    ('"""See transforms.lib.text."""', "transforms/corpus/a.py", ""),
    ('f"transforms.{stage}.stage"', "transforms/lib/a.py", "not below"),
    ('"""See transforms.lib.text."""', "schemas/a.py", "not below"),
    ("`pipelines/NAME.py` runs transforms/STAGE/stage.py", "README.md", ""),
    ("transforms/STAGE/steps.py", "README.md", "transforms/crawl/steps.py: no such file"),
    ("# in transforms/STAGE/stage.py", "transforms/lib/a.py", "not below"),
    ('"pipelines.corpus"', "pipelines/crawl.py", "not below"),
    ('"pipelines.corpus"', "pipelines/build.py", ""),
    ('"pipelines.running.launch"', "pipelines/crawl.py", ""),
    ('files("pipelines")', "transforms/corpus/a.py", "pipelines: not below"),
    ("the pipelines of a stage, and its transforms.", "transforms/corpus/a.md", ""),
]


@pytest.mark.parametrize(("text", "place", "fault"), MADE_UP)
def test_the_names_of_made_up_text(text: str, place: str, fault: str) -> None:
    faults = named.faults(text, place)
    assert any(fault in found for found in faults) if fault else not faults, faults
