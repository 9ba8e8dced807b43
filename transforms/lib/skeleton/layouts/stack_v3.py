"""The Stack v3: one row a repository, with its files in a list.

Fields as in the card of `HuggingFaceCode/stack-v3-train`. `stack-v3-full` has the same columns and
`dedup_cluster`, without content (which users join by `content_id`), and stubs: entries of files
that are left out. Its own card was not to be had: the names of a stub's reason are guesses.
`content_id` is the SHA-1 of the content, and so no id of git's.
"""

from transforms.lib.skeleton.layouts.layout import Layout

STACK_V3 = Layout(
    "The Stack v3",
    ("repo_path", "files"),
    {
        "repo": ("repo_path",),
        "commit": ("commit_id",),
        "repo_id": ("repo_id",),
        "stars": ("github_metadata.stars",),
        "forks": ("github_metadata.forks",),
        "path": ("files.file_path", "files.path"),
        "content": ("files.content",),
        "licence_spdx": ("files.detected_licenses", "files.licenses"),
        "size": ("files.size_bytes",),
        "source_id": ("files.content_id",),
        "source_cluster": ("files.dedup_cluster",),
        "stub": ("files.stub_reason", "files.exclusion_reason", "files.stub"),
        "language": ("files.language",),
    },
    "files",
)
