"""Each project is in one split, whatever its release."""

import hashlib

import pytest

from transforms.lib.splits import project, split


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        ("django", "django"),
        ("django-4.2", "django"),
        ("django-v4.2.1rc1", "django"),
        ("django==4.2", "django"),
        ("owner/django@main", "owner/django"),
        ("owner/django-2024.1.5", "owner/django"),
        ("django-4.2.post1+local.7", "django"),
        ("zope.interface-5.0", "zope.interface"),
        ("scikit-learn-1.2", "scikit-learn"),
        ("attrs-23", "attrs"),
        ("django-1.0-beta-2", "django"),
        ("django-5.0.dev20230101", "django"),
        ("pytz-2024a", "pytz"),
        ("django-4.2.tar.gz", "django"),
        # No version: a digit alone makes none.
        ("py3-tools", "py3-tools"),
        ("python-3to2", "python-3to2"),
        ("learn-2-code", "learn-2-code"),
        ("flask-v2-api", "flask-v2-api"),
        ("user-1/repo", "user-1/repo"),
        ("2captcha", "2captcha"),
        ("h5py", "h5py"),
        ("-1.0", "-1.0"),
        ("", ""),
    ],
)
def test_project(repo: str, name: str) -> None:
    assert project(repo) == name


def test_split_is_the_digest_of_the_project() -> None:
    names = [f"project{i}" for i in range(20_000)]
    found = [name for name in names if split(name) == "validation"]
    assert found == [n for n in names if int(hashlib.sha256(n.encode()).hexdigest(), 16) % 100 == 0]
    assert 150 < len(found) < 250
    assert {split(f"{name}-1.{i}") for name in found for i in range(3)} == {"validation"}
