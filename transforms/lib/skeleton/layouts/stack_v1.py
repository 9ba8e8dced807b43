"""The Stack v1, its deduplicated and small versions, and StarCoderData: one row a file.

Fields as in the cards of `bigcode/the-stack`, `the-stack-dedup`, `the-stack-smol` and
`bigcode/starcoderdata` (path, name, stars, id and content alone). Of a file that several
repositories have, the one with the most stars counts. The card calls `hexsha` the file's hash: it
is taken for git's id of the blob, with which the crawl of The Stack worked.
"""

from transforms.lib.skeleton.layouts.layout import Layout

STACK_V1 = Layout(
    "The Stack v1",
    ("max_stars_repo_name", "max_stars_repo_path"),
    {
        "repo": ("max_stars_repo_name",),
        "path": ("max_stars_repo_path",),
        "content": ("content",),
        "commit": ("max_stars_repo_head_hexsha",),
        "licence_spdx": ("max_stars_repo_licenses",),
        "stars": ("max_stars_count",),
        "forks": ("max_forks_count",),
        "size": ("size",),
        "git_sha1": ("hexsha",),
        "source_id": ("hexsha", "id"),
        "language": ("lang",),
    },
)
