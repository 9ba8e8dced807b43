"""The programs, options and packages that CI configurations name, by what they are for."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Programs that lint, format or check, and test nothing.
LINTERS = _words(
    """
    actionlint autoflake autopep8 bandit basedpyright black blacken-docs check-manifest codespell
    darglint deptry djlint doc8 flake8 gitlint hadolint interrogate isort lint-imports mdl mypy
    pep8 pip-audit pre-commit prospector pycodestyle pydocstyle pyflakes pylint pyproject-fmt pyre
    pyrefly pyright pyroma pytype pyupgrade radon refurb restructuredtext-lint reuse rst-lint
    rstcheck ruff safety shellcheck slotscheck towncrier twine ty typos validate-pyproject vulture
    wemake-python-styleguide xenon yamllint yapf zizmor
    """
)
DOCS = _words(
    """
    jupyter-book mike mkdocs pdoc pdoc3 sphinx-apidoc sphinx-build
    """
)
UPLOADS = _words(
    """
    cc-test-reporter codacy codeclimate codecov coveralls python-codacy-coverage
    """
)
# Programs that install packages of the system.
SYSTEM = _words(
    """
    apk apt apt-get brew choco conda dnf mamba pacman port snap yum
    """
)
# Further programs that are no tests.
NO_TESTS = _words(
    """
    - . awk build bump2version bumpversion cargo cat chmod chown cp curl date deactivate df diff
    docker docker-compose find flit free gem gh git go gpg grep hash hub kill ln locale locale-gen
    ls lscpu mkdir mv mysql npm nvm openssl pip-compile psql pwd pyenv rm rvm sed semantic-release
    service skip sleep source ssh systemctl tar tee test touch true type uname unzip virtualenv
    wget which
    """
)
# Modules that `python -m` runs, and that are no tests.
NO_TEST_MODULES = _words(
    """
    build cProfile cibuildwheel compileall ensurepip http installer pep517 setuptools_scm site
    tabnanny timeit venv virtualenv wheel zipapp
    """
)
SHELLS = {"bash", "sh", "zsh", "dash"}
# Options of `coverage run` that take a value.
COVERAGE_VALUES = _words(
    """
    --concurrency --context --data-file --include --omit --rcfile --source
    """
)
# Options of pytest that are dropped, with the value in the next word; and those without one.
PYTEST_VALUE_OPTIONS = _words(
    """
    --alluredir --cov-config --cov-context --cov-fail-under --cov-precision --cov-report --css
    --dist --excelreport --group --html --json-report-file --junit-prefix --junit-xml
    --junitprefix --junitxml --max-worker-restart --maxprocesses --md-report --mypy-config-file
    --numprocesses --pylint-error-types --pylint-rcfile --report-log --splits
    --template --tx -n
    """
)
PYTEST_FLAGS = _words(
    """
    --bandit --black --black-multipy --cache-clear --checkdocs --codeblocks --codestyle
    --cov-append --cov-branch --cov-reset --docstyle --flake8 --flakes --isort --json-report
    --mypy --mypy-ignore-missing-imports --mypy-strict-optional --nbval --nbval-lax --no-cov
    --no-cov-on-fail --no-flaky-report --pep8 --pycodestyle --pydocstyle --pylint --ruff
    --ruff-format --self-contained-html
    """
)
# Further options of plug-ins that measure and lint.
MEASURING = re.compile(
    r"--(cov|flake8|pylint|black|isort|ruff|pep8|junit|codeclimate)-"
    # Tests of types by pytest-mypy-plugins are tests.
    r"|--mypy-(?!ini-file|pyproject|only-local|extension|same-process)"
)
# Packages that measure, lint and build, and are never what the tests import.
TOOLS = _words(
    """
    bandit black build check-manifest codacy-coverage codeclimate-test-reporter codecov coverage
    coveralls flake8 flit hatch isort mypy nox pdm pep8 pip pipenv poetry pre-commit pycodestyle
    pydocstyle pyflakes pylint pytest-black pytest-cov pytest-flake8 pytest-isort pytest-mypy
    pytest-pep8 pytest-pylint pytest-ruff pytest-xdist python-coveralls readme-renderer ruff
    safety setuptools tox tox-gh tox-gh-actions tox-travis tox-uv twine uv virtualenv wheel
    """
)
# Words that run the rest of the line, with the number of words that are theirs.
PREFIXES = {
    ("travis_retry",): "",
    ("travis_wait",): "number",
    ("sudo",): "options",
    ("exec",): "",
    ("time",): "",
    ("nice",): "options",
    ("command",): "",
    ("xvfb-run",): "options",
    ("env",): "assignments",
    ("poetry", "run"): "",
    ("pipenv", "run"): "",
    ("pdm", "run"): "",
    ("hatch", "run"): "",
    ("rye", "run"): "",
    ("uv", "run"): "options",
    ("uvx",): "options",
    ("pipx", "run"): "options",
    ("uv", "tool", "run"): "options",
}
# Options of the prefixes above that take a value.
PREFIX_VALUES = {
    *("--group", "--extra", "--with", "--python", "-p", "--from", "--only-group", "--no-group"),
    *("--with-requirements", "--env-file", "--project", "--directory", "-s", "-n", "-u"),
}
