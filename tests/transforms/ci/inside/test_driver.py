"""What the driver does with files; that it ends processes is tested by suites that mean harm."""

import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest

from transforms.ci.inside import driver


def reports(folder: Path, **lines: list[str]) -> dict[str, str]:
    for name, texts in lines.items():
        (folder / f"{name}.jsonl").write_text("\n".join(texts))
    return driver.read_reports(str(folder))


def test_the_worst_outcome_of_a_test_counts(tmp_path) -> None:
    lines = [json.dumps(["a", outcome]) for outcome in ("passed", "failed", "passed")]
    assert reports(tmp_path, first=lines, second=['["b", "skipped"]']) == {
        "a": "failed",
        "b": "skipped",
    }


def test_lines_of_another_form_are_none(tmp_path) -> None:
    lines = ["", "{", "[1]", "3", "[" * 9000, '["a", "b", "c"]', '["good", "passed"]']
    (tmp_path / "link.jsonl").symlink_to("/etc/passwd")
    (tmp_path / "folder.jsonl").mkdir()
    assert reports(tmp_path, lines=lines) == {"good": "passed"}


@pytest.mark.parametrize(
    ("place", "folder"),
    [
        (".", "."),
        ("sub", "sub"),
        ("{root}/sub", "sub"),
        ("gone", "."),
        ("../..", "."),
        ("out", "."),
        ("{tmp}/x", None),
    ],
)
def test_commands_run_in_a_folder_of_the_tree(place, folder, tmp_path, monkeypatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "out").symlink_to("/usr")
    monkeypatch.setattr(driver, "TREE", str(tmp_path))
    expected = str((tmp_path / folder).resolve()) if folder else driver.TEMPORARY
    assert driver.folder_of(place) == expected


def test_a_folder_is_emptied_whatever_its_modes(tmp_path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(0)
    (tmp_path / "a").chmod(0o500)
    driver.empty(str(tmp_path / "a"))
    assert os.listdir(tmp_path / "a") == []


def test_a_command_is_bounded_in_time_and_output(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(driver, "end_others", lambda: 0)  # it would end what runs these tests
    monkeypatch.setattr(driver, "OUTPUT_BYTES", 1000)
    log = str(tmp_path / "log")

    def ended(text: str, seconds: float) -> dict:
        argv = [sys.executable, "-c", f"import os, time\n{text}"]
        return driver.run(argv, str(tmp_path), {}, seconds, log)

    assert ended("raise SystemExit(3)", 20)["exit"] == 3
    quick = "time.sleep(0.4)\nos._exit(0)"
    assert (
        ended(quick, 0.05)["limit"],
        ended(f"print('x' * 9999, flush=True)\n{quick}", 20)["limit"],
    ) == (
        "wall",
        "output",
    )
    assert driver.run(["/gone"], str(tmp_path), {}, 5, log)["exit"] == 127
    assert "/gone" in driver.tail(log)


def test_what_leaves_has_no_times_and_no_owners(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(driver, "HOME", str(tmp_path))
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "b").write_text("b")
    (folder / "a").symlink_to("b")
    os.link(folder / "b", folder / "c")
    os.mkfifo(folder / "pipe")
    with open(tmp_path / "answer", "wb") as answer:
        stdout = os.dup(1)
        os.dup2(answer.fileno(), 1)
        try:
            reply = driver.Reply()
            reply.add_folder("tree", str(folder))
            reply.close({})
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)
    with tarfile.open(tmp_path / "answer") as tar:
        content = tar.extractfile("tree").read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        members = {each.name: each for each in tar}
    assert sorted(members) == [".", "./a", "./b", "./c"]
    assert {(each.mtime, each.uid, each.uname) for each in members.values()} == {(0, 0, "")}
    assert members["./c"].isreg()
