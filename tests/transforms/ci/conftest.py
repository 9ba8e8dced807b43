"""What the tests of projects share: an index of their own, a sandbox, an environment."""

import sys
from collections.abc import Iterator

import pytest

from tests.support.project_trees import tar_of, tree
from tests.support.tiny_wheels import TinyIndex, installed_wheel
from transforms.ci.attempt import Checkout, Workshop
from transforms.ci.interpreters import interpreters
from transforms.ci.package_proxy import PackageProxy
from transforms.lib.sandbox import Sandbox

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="package")
def index() -> TinyIndex:
    """What every environment begins with, and pytest as it is installed here."""
    made = TinyIndex()
    for name in ("pip", "setuptools", "wheel", "nose", "flake8"):
        made.add(name)
    made.add("mock", "4.0")
    for name, requires in (
        ("pytest", "pluggy,iniconfig,packaging,pygments"),
        *((name, "") for name in ("pluggy", "iniconfig", "packaging", "pygments")),
    ):
        filename, content = installed_wheel(name, requires)
        made.files[filename] = content
    _, content = installed_wheel("pytest", "pluggy,iniconfig,packaging,pygments", "8.9")
    made.files["pytest-8.9-py3-none-any.whl"] = content
    return made


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def workshop(sandbox: Sandbox, index: TinyIndex) -> Iterator[Workshop]:
    """A workshop with the interpreter that runs the tests, and no network."""
    with PackageProxy(index) as proxy:
        yield Workshop(sandbox, proxy, {OWN: interpreters()[OWN]}, seconds=200.0)


def project_of(texts: dict[str, str], **settings) -> Checkout:
    return Checkout(tree(texts), tar_of(texts), **settings)
