"""CodeParrot's corpora: one row a file.

Fields as in the cards of `codeparrot/codeparrot-clean` and `codeparrot/github-code` (with `code` in
place of `content`). Licences are GitHub's keys, such as `apache-2.0`; counts may be texts.
"""

from transforms.lib.skeleton.layouts.layout import Layout

CODEPARROT = Layout(
    "CodeParrot",
    ("repo_name", "path", "license"),
    {
        "repo": ("repo_name",),
        "path": ("path",),
        "content": ("content", "code"),
        "licence_spdx": ("license",),
        "size": ("size",),
        "source_id": ("hash",),
        "language": ("language",),
    },
)
