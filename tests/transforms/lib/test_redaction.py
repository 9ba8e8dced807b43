"""Secrets of URLs: taken out of arguments, rows and messages, and put back for storage alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.redaction import SECRETS, redacted, with_secrets, without_secrets

CASES = {
    "s3://KEY:SECRET@bucket/a.zip": "s3://bucket/a.zip",
    "s3://KEY:SEC/RET@bucket/a.zip": "s3://bucket/a.zip",
    "s3://bucket/a@b/c.zip": "s3://bucket/a@b/c.zip",
    "https://user:pw@host:8080/x": "https://host:8080/x",
    "https://token@host/x": "https://host/x",
    "https://host:8080/o/r@v1": "https://host:8080/o/r@v1",
    "https://user:p@w@host:8080/o/r@v@1": "https://host:8080/o/r@v@1",
    "https://user:SEC/RET@host/x": "https://host/x",
    "https://h/x?X-Amz-Signature=SECRET&X-Amz-Date=1#top": "https://h/x",
    "https://h/x?token=SECRET": "https://h/x",
    "https://h/x-1.zip#sha256=0a1b": "https://h/x-1.zip#sha256=0a1b",
    "https://h/x-1.zip#sha256=0a&token=SECRET": "https://h/x-1.zip",
    "s3://b?region=eu&endpoint_override=http%3A%2F%2Fu%3ASECRET%40h": "s3://b?region=eu&endpoint_override=http%3A%2F%2Fh",
    "2 errors: (s3://K:SECRET@b/x) and 'https://h?sig=SECRET'": "2 errors: (s3://b/x) and 'https://h'",
    "/a/path?with=all#of:it@x": "/a/path?with=all#of:it@x",
    "no URL at all": "no URL at all",
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_redacted(text: str) -> None:
    assert redacted(text) == CASES[text]
    assert redacted(CASES[text]) == CASES[text]


@given(
    st.text(),
    st.sampled_from(["s3", "https"]),
    st.from_regex("[A-Za-z0-9+%=]{8,20}", fullmatch=True),
)
def test_no_secret_is_left(text: str, scheme: str, secret: str) -> None:
    for url in (f"{scheme}://me:{secret}@host/a", f"{scheme}://host/a?token={secret}"):
        assert secret not in redacted(
            f"{text.replace(secret, '')} {url} {text.replace(secret, '')}"
        )


def test_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRETS, raising=False)
    assert with_secrets("s3://bucket/a") == "s3://bucket/a"
    monkeypatch.setenv(SECRETS, "{}")
    given_arguments = [
        "crawl",
        "s3://K:S@bucket/data?region=eu",
        "mine=archive:https://u:p@host/a.zip?token=t",
        "git:https://me:pw@forge:81/o/r@main",
        "stack:https://me:pw@other/*.parquet",
        "--flink_master=http://u:p@cluster",
        "--max-rejects=5%",
    ]
    bare = without_secrets(given_arguments)
    assert bare == [
        "crawl",
        "s3://bucket/data?region=eu",
        "mine=archive:https://host/a.zip",
        "git:https://forge:81/o/r@main",
        "stack:https://other/*.parquet",
        "--flink_master=http://u:p@cluster",
        "--max-rejects=5%",
    ]
    assert with_secrets("https://forge:81/o/r@main") == "https://me:pw@forge:81/o/r@main"
    assert with_secrets("https://forge:81/x/y@z") == "https://me:pw@forge:81/x/y@z"
    assert with_secrets("s3://bucket/data?region=eu") == "s3://K:S@bucket/data?region=eu"
    assert with_secrets("s3://bucket/other") == "s3://K:S@bucket/other"
    assert with_secrets("s3://bucket-2/other") == "s3://bucket-2/other"
    assert with_secrets("https://host/a.zip") == "https://u:p@host/a.zip?token=t"
