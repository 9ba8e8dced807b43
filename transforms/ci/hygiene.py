"""What is known of packages that test: which versions run today, and which are never needed."""

import re

# What virtual environments brought along when most projects were written. Newer setuptools have no
# pkg_resources.
BASE = ("pip", "setuptools<81", "wheel")
# In place of what old projects pin: versions that run on the preferred interpreter, of what runs
# tests, of what is compiled, and of what only pins itself.
OF_TESTS = (
    *("pytest>=8,<9", "pytest-cov>=5", "coverage>=7", "hypothesis>=6", "setuptools<81"),
    *("pluggy>=1.5", "py>=1.11", "packaging>=24", "iniconfig>=2"),
)
COMPILED = ("numpy>=1.26", "pyyaml>=6", "lxml>=5", "cython>=3")
OVERRIDES = (*OF_TESTS, *COMPILED, "attrs>=22", "mock>=4", "more-itertools>=9")
# Where the index is bound by a date, these come from today: the rest is of the project's time.
DATED_OVERRIDES = (*OF_TESTS, *COMPILED)
# What uploads, folds the log of a service or lints while it tests: never installed.
NEVER = (
    *("codecov", "coveralls", "python-coveralls", "codacy-coverage", "tox-travis"),
    *("pytest-travis-fold", "pytest-flake8", "pytest-pep8", "pytest-mypy", "pytest-black"),
    *("pytest-isort", "pytest-pylint", "pytest-codestyle", "pytest-flakes", "pytest-ruff"),
)
# Rarely what tests need, and often what cannot be built any more.
EXCLUDED = (
    *("mypy", "typed-ast", "flake8", "pylint", "black", "isort", "pre-commit", "sphinx", "twine"),
)
BUILD_CONSTRAINTS = ("setuptools<81",)
OLD_BUILD_CONSTRAINTS = ("setuptools<58", "cython<3")  # before Python 3.10: use_2to3 and others
# Bound by date these would be too old for the interpreter, or for their own index.
UNBOUND = ("setuptools", "wheel", "pip")
UNBOUND_WITH_HYGIENE = (
    *UNBOUND,
    *(re.split(r"[<>=]", each)[0] for each in DATED_OVERRIDES),
    *("exceptiongroup", "tomli", "typing-extensions", "sortedcontainers"),
)
# What the images of Travis had installed: projects use it without saying so.
PREINSTALLED = ("pytest", "nose", "mock", "numpy")
