"""Which files are tests, and which are fixtures, examples or documentation, by their paths."""

import re

# A package called `testing` is library code, as numpy.testing is: only the tests in it are tests.
TEST_PATH = re.compile(
    r"(?:^|/)(?:(?:[^/]*_)?tests?(?:_[^/]*)?/|(?:tests?|test_[^/]*|[^/]*_tests?|conftest)\.py$)",
    re.IGNORECASE,
)
# Folders and files of what is shown or fed to code, and does not run in earnest.
BESIDE_CODE = re.compile(
    r"(?:^|[/_.-])(?:fixtures?|examples?|samples?|demos?|tutorials?|docs?|mocks?)(?=[/_.-])",
    re.IGNORECASE,
)


def is_test_path(path: str) -> bool:
    """Whether a file is a test, or belongs to tests, by its path inside the project.

    >>> is_test_path("tests/a.py"), is_test_path("pkg/test_a.py"), is_test_path("testing/a.py")
    (True, True, False)
    """
    return TEST_PATH.search(path) is not None


def is_beside_code(path: str) -> bool:
    """Whether a file is a test, a fixture, an example or documentation, by its path.

    >>> is_beside_code("docs/conf.py"), is_beside_code("example_app.py"), is_beside_code("app.py")
    (True, True, False)
    """
    return is_test_path(path) or BESIDE_CODE.search(path) is not None
