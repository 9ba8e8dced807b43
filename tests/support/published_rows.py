"""The same files as Parquet in each layout that others publish, with the types of its card."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

WHEN = datetime(2023, 9, 5, 12)
TEXTS = pa.list_(pa.string())
MOMENT = pa.timestamp("us")


class File(NamedTuple):
    """A file of a repository at a commit, as every layout can have it."""

    repo: str
    path: str | None
    content: str | bytes | None
    licence: str = "MIT"
    stars: int = 3
    forks: int = 2
    repo_id: int = 77
    commit: str = "c" * 40
    blob: str = "b" * 40
    language: str | None = "Python"


def own(files: Sequence[File]) -> pa.Table:
    """quire's own columns."""
    rows = [
        {
            "repo": f.repo,
            "path": f.path,
            "content": f.content,
            "commit": f.commit,
            "licence_spdx": f.licence,
            "stars": f.stars,
        }
        for f in files
    ]
    return pa.Table.from_pylist(rows)


def stack_v1(files: Sequence[File]) -> pa.Table:
    """`bigcode/the-stack`: counts of stars are floats where some are null (`the-stack-smol`)."""
    kinds = {"hexsha": pa.string(), "size": pa.int64(), "ext": pa.string(), "lang": pa.string()}
    for most in ("stars", "issues", "forks"):
        kinds |= {f"max_{most}_repo_{name}": pa.string() for name in ("path", "name")}
        kinds |= {f"max_{most}_repo_head_hexsha": pa.string(), f"max_{most}_repo_licenses": TEXTS}
        kinds |= {f"max_{most}_count": pa.float64()}
        event = f"max_{most}_repo_{most}_event"
        kinds |= {f"{event}_{end}_datetime": pa.string() for end in ("min", "max")}
    kinds |= {"content": pa.string(), "avg_line_length": pa.float64()}
    kinds |= {"max_line_length": pa.int64(), "alphanum_fraction": pa.float64()}
    rows = [
        {
            "hexsha": f.blob,
            "size": len(f.content or ""),
            "ext": "py",
            "lang": f.language,
            "max_stars_repo_path": f.path,
            "max_stars_repo_name": f.repo,
            "max_stars_repo_head_hexsha": f.commit,
            "max_stars_repo_licenses": [f.licence],
            "max_stars_count": f.stars,
            "max_forks_count": f.forks,
            "content": f.content,
        }
        for f in files
    ]
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def starcoderdata(files: Sequence[File]) -> pa.Table:
    """`bigcode/starcoderdata`, which has no licences."""
    rows = [
        {
            "max_stars_repo_path": f.path,
            "max_stars_repo_name": f.repo,
            "max_stars_count": f.stars,
            "id": "1234",
            "content": f.content,
        }
        for f in files
    ]
    return pa.Table.from_pylist(rows)


REPOSITORY_V2 = {
    "repo_name": pa.string(),
    "snapshot_id": pa.string(),
    "revision_id": pa.string(),
    "directory_id": pa.string(),
    "branch_name": pa.string(),
    "visit_date": MOMENT,
    "revision_date": MOMENT,
    "committer_date": MOMENT,
    "github_id": pa.int64(),
    "star_events_count": pa.int64(),
    "fork_events_count": pa.int64(),
    "gha_license_id": pa.string(),
    "gha_created_at": MOMENT,
    "gha_language": pa.string(),
}
FILE_V2 = {
    "blob_id": pa.string(),
    "path": pa.string(),
    "content_id": pa.string(),
    "language": pa.string(),
    "length_bytes": pa.int64(),
    "detected_licenses": TEXTS,
    "license_type": pa.string(),
    "src_encoding": pa.string(),
    "is_vendor": pa.bool_(),
    "is_generated": pa.bool_(),
    "content": pa.string(),
}


def _repository_v2(file: File) -> dict[str, Any]:
    return {
        "repo_name": file.repo,
        "snapshot_id": "5" * 40,
        "revision_id": file.commit,
        "directory_id": "d" * 40,
        "branch_name": "refs/heads/main",
        "visit_date": WHEN,
        "github_id": file.repo_id,
        "star_events_count": file.stars,
        "fork_events_count": file.forks,
    }


def _file_v2(file: File) -> dict[str, Any]:
    return {
        "blob_id": file.blob,
        "path": file.path,
        "content_id": "1" * 40,
        "language": file.language,
        "length_bytes": len(file.content or ""),
        "detected_licenses": [file.licence],
        "license_type": "permissive",
        "src_encoding": "UTF-8",
        "content": file.content,
    }


def stack_v2(files: Sequence[File]) -> pa.Table:
    """`bigcode/the-stack-v2` with its content joined."""
    rows = [_repository_v2(f) | _file_v2(f) | {"extension": "py"} for f in files]
    return pa.Table.from_pylist(
        rows, pa.schema(REPOSITORY_V2 | FILE_V2 | {"extension": pa.string()})
    )


def _by_repository(files: Sequence[File]) -> list[list[File]]:
    groups: dict[str, list[File]] = {}
    for file in files:
        groups.setdefault(file.repo, []).append(file)
    return list(groups.values())


def stack_v2_repositories(files: Sequence[File]) -> pa.Table:
    """`bigcode/the-stack-v2-train-smol-ids` with its content joined."""
    entries = pa.list_(pa.struct(list(FILE_V2.items())))
    rows = [
        _repository_v2(group[0]) | {"num_files": len(group), "files": [_file_v2(f) for f in group]}
        for group in _by_repository(files)
    ]
    kinds = REPOSITORY_V2 | {"num_files": pa.int64(), "files": entries}
    return pa.Table.from_pylist(rows, pa.schema(kinds))


GITHUB_METADATA = {
    "branch": pa.string(),
    "commit_count": pa.int32(),
    "repo_created_at": pa.string(),
    "is_fork": pa.bool_(),
    "is_org_owned": pa.bool_(),
    "forked_from": pa.string(),
    "stars": pa.int32(),
    "forks": pa.int32(),
    "issues": pa.int32(),
    "pull_requests": pa.int32(),
}
FILE_V3 = {
    "content_id": pa.string(),
    "content": pa.string(),
    "size_bytes": pa.int32(),
    "file_path": pa.string(),
    "file_timestamp": pa.int64(),
    "language": pa.string(),
    "is_vendor": pa.bool_(),
    "license_type": pa.string(),
    "detected_licenses": TEXTS,
    "dedup_cluster": pa.int64(),
    "stub_reason": pa.string(),
}
V3 = {
    "repo_path": pa.string(),
    "repo_id": pa.int64(),
    "commit_id": pa.string(),
    "github_metadata": pa.struct(list(GITHUB_METADATA.items())),
    "num_files": pa.int64(),
    "files": pa.list_(pa.struct(list(FILE_V3.items()))),
}


def stack_v3(files: Sequence[File]) -> pa.Table:
    """`HuggingFaceCode/stack-v3-train`, and what `stack-v3-full` has beside it."""
    rows = [
        {
            "repo_path": group[0].repo,
            "repo_id": group[0].repo_id,
            "commit_id": group[0].commit,
            "github_metadata": {"stars": group[0].stars, "forks": group[0].forks},
            "num_files": len(group),
            "files": [
                {
                    "content_id": "9" * 40,
                    "content": f.content,
                    "size_bytes": len(f.content or ""),
                    "file_path": f.path,
                    "language": f.language,
                    "detected_licenses": [f.licence],
                    "dedup_cluster": 4711,
                    "stub_reason": "too large" if f.content is None else None,
                }
                for f in group
            ],
        }
        for group in _by_repository(files)
    ]
    return pa.Table.from_pylist(rows, pa.schema(V3))


def codeparrot(files: Sequence[File]) -> pa.Table:
    """`codeparrot/codeparrot-clean`: counts are texts, licences GitHub's keys."""
    rows = [
        {
            "repo_name": f.repo,
            "path": f.path,
            "copies": "1",
            "size": str(len(f.content or "")),
            "content": f.content,
            "license": f.licence.lower(),
            "hash": 5190338374592018201,
            "line_mean": 10.5,
        }
        for f in files
    ]
    return pa.Table.from_pylist(rows)


Written = Callable[[Sequence[File]], pa.Table]
PUBLISHED: dict[str, Written] = {
    each.__name__: each
    for each in (stack_v1, starcoderdata, stack_v2, stack_v2_repositories, stack_v3, codeparrot)
}


def write(path: Path, table: pa.Table, **how: Any) -> Path:
    """The table as Parquet, as a writer without Arrow's own schema does it."""
    pq.write_table(table, path, store_schema=False, **how)
    return path
