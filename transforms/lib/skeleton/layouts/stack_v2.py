"""The Stack v2: one row a file, or a repository with its files (`the-stack-v2-train-*-ids`).

Fields as in the cards of `bigcode/the-stack-v2` and `the-stack-v2-train-smol-ids`. Both come
without content, which users join as `content`; `blob_id` is git's id of the file. Where no licence
was detected, that of GH Archive counts.
"""

from transforms.lib.skeleton.layouts.layout import Layout

_REPOSITORY = {
    "repo": ("repo_name",),
    "commit": ("revision_id",),
    "stars": ("star_events_count",),
    "forks": ("fork_events_count",),
    "repo_id": ("github_id",),
    "repository_licence": ("gha_license_id",),
}

STACK_V2 = Layout(
    "The Stack v2",
    ("blob_id", "repo_name", "path"),
    _REPOSITORY
    | {
        "path": ("path",),
        "content": ("content",),
        "licence_spdx": ("detected_licenses",),
        "size": ("length_bytes",),
        "git_sha1": ("blob_id",),
        "source_id": ("content_id", "blob_id"),
        "language": ("language",),
    },
)

STACK_V2_REPOSITORIES = Layout(
    "The Stack v2 by repository",
    ("repo_name", "snapshot_id", "files"),
    _REPOSITORY
    | {
        "path": ("files.path",),
        "content": ("files.content",),
        "licence_spdx": ("files.detected_licenses",),
        "size": ("files.length_bytes",),
        "git_sha1": ("files.blob_id",),
        "source_id": ("files.content_id", "files.blob_id"),
        "language": ("files.language",),
    },
    "files",
)
