"""What the tests of projects share: an index of their own, a sandbox, an environment."""

import sys
from collections.abc import Iterator

import pytest

from tests.support.project_trees import tar_of, tree
from tests.support.tested_projects import tiny_index
from tests.support.tiny_wheels import TinyIndex
from transforms.ci.attempt import Checkout, Workshop
from transforms.ci.interpreters import interpreters
from transforms.ci.package_proxy import PackageProxy
from transforms.lib.sandbox import Sandbox

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="package")
def index() -> TinyIndex:
    return tiny_index()


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
