"""Which repository a release's metadata claims."""

import pytest

from transforms.crawl.github.pypi_links import linked_repository, tags_of


@pytest.mark.parametrize(
    ("headers", "repository"),
    [
        (["Home-page: https://github.com/a/b"], "a/b"),
        (["Project-URL: homepage, https://github.com/a/b.git"], "a/b"),
        (
            ["Home-page: https://github.com/a/site", "Project-URL: Source, http://github.com/a/b"],
            "a/b",
        ),
        (["Project-URL: Source-Code, git+https://www.github.com/a/b/tree/main/sub"], "a/b"),
        (["Project-URL: Repository, https://github.com/a/b.py/?x#y"], "a/b.py"),
        (["Project-URL: Issues, https://github.com/a/b/issues"], None),
        (["Project-URL: Source, https://gitlab.com/a/b"], None),
        (["Project-URL: Source, https://github.com.evil.org/a/b"], None),
        (["Project-URL: Source, https://evil.org/https://github.com/a/b"], None),
        (["Project-URL: Source, https://github.com@evil.org/a/b"], None),
        (["Project-URL: Homepage, https://github.com/sponsors/a"], None),
        (["Project-URL: Source, https://github.com/a/../../b"], None),
        (["Project-URL: Source"], None),
        ([], None),
    ],
)
def test_the_link_to_the_source_is_found(headers: list[str], repository: str | None) -> None:
    assert (
        linked_repository("\n".join(["Name: x", *headers, "", "https://github.com/no/no"]))
        == repository
    )


def test_tags_are_plain_names() -> None:
    assert tags_of("w", "1.0") == ("v1.0", "1.0", "w-1.0", "w-v1.0", "release-1.0")
    assert tags_of("w", "-x", "1 0", None, "a\nb") == ()
