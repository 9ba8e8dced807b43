"""Samples of every shape: sniffed or named, and what is wrong with a record in one line."""

import gzip
import json
from pathlib import Path

import pytest

from transforms.lib.completions.samples import Sample, read_rows, read_samples
from transforms.lib.completions.shapes import NAMES
from transforms.lib.errors import UsageError

TASKS = {"T/0": None, "T/1": None}
CODE = "def f(): pass\n"


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def choice(content: object, **more: object) -> dict:
    return {"message": {"role": "assistant", "content": content} | more, "finish_reason": "stop"}


def batch(custom_id: str, *choices: dict) -> dict:
    body = {"object": "chat.completion", "choices": list(choices)}
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "b", "custom_id": custom_id, "response": response, "error": None}


DOC = {"task_id": "T/0", "prompt": "def f():\n"}
FILES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "completion": (
        lines({"task_id": "T/1", "completion": "    pass", "solution": "x", "response": "y"}),
        [("T/1", "completion", "    pass")],
    ),
    "solution": (lines({"task_id": "T/0", "solution": CODE}), [("T/0", "program", CODE)]),
    "generations": (
        json.dumps([[CODE, "x"], ["y"]], indent=1),
        [("T/0", "program", CODE), ("T/0", "program", "x"), ("T/1", "program", "y")],
    ),
    "lm-eval": (
        lines(
            {"doc_id": 0, "doc": DOC, "resps": [["a"]], "filtered_resps": [["def f():\n a"]]},
            {"doc_id": 0, "doc": DOC, "resps": [["a", "b"]], "filtered_resps": ["a"]},
            {"doc_id": 0, "doc": DOC, "resps": [["a", "b"]]},
        ),
        [("T/0", "program", "def f():\n a")] + [("T/0", "completion", text) for text in "aab"],
    ),
    "livecodebench": (
        json.dumps([{"question_id": "T/1", "code_list": ["a", ""], "output_list": ["b"]}]),
        [("T/1", "program", "a"), ("T/1", "program", "")],
    ),
    "response": (
        lines({"task_id": "T/0", "response": "Hi", "reasoning": CODE, "finish_reason": "length"}),
        [("T/0", "answer", "Hi")],
    ),
    "chat": (
        lines(
            batch("T/0", choice("a"), choice(None, reasoning_content=CODE)),
            batch("T/0#7", choice([{"type": "text", "text": "b"}, {"type": "image_url"}])),
            {"task_id": "T/1", "choices": [{"text": "    c"}]},
            {"task_id": "T/1", "response": {"choices": [choice("d")]}},
            {
                "task_id": "T/1",
                "messages": [
                    {"role": "user", "content": "u"},
                    {"role": "assistant", "content": "e"},
                ],
            },
        ),
        [
            ("T/0", "answer", "a"),
            ("T/0", "answer", ""),
            ("T/0", "answer", "b"),
            ("T/1", "completion", "    c"),
            ("T/1", "answer", "d"),
            ("T/1", "answer", "e"),
        ],
    ),
}


def read(path: Path, shape: str = "") -> list[Sample]:
    return list(read_samples(str(path), TASKS, "here", shape=shape))


def short(samples: list[Sample]) -> list[tuple[str, str, str]]:
    return [(each.task_id, each.form, each.completion) for each in samples]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_shapes_are_sniffed(name: str, packed: bool, tmp_path: Path) -> None:
    text, expected = FILES[name]
    path = tmp_path / ("samples.json" if text.startswith("[") else "samples.jsonl")
    if packed:
        path = path.with_name(path.name + ".gz")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    samples = read(path)
    assert short(samples) == short(read(path, name)) == expected
    assert [each.line for each in samples] == list(range(1, len(samples) + 1))
    with path.open("rb") as file:
        assert short(list(read_samples(str(path), TASKS, "here", file))) == expected


def test_a_folder_of_programs(tmp_path: Path) -> None:
    for name, text in (
        ("T_1/10.py", "d"),
        ("T_1/9.py", "c"),
        ("T_0/0.py", "a\r\n"),
        ("T_0/1.py", "b"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / ".git").mkdir()
    assert [(each.task_id, each.number, each.completion) for each in read(tmp_path)] == [
        ("T/0", 0, "a\r\n"),
        ("T/0", 1, "b"),
        ("T/1", 0, "c"),
        ("T/1", 1, "d"),
    ]
    assert set(NAMES) == {*FILES, "folder"}


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("T_0/0.txt", b"", "T_0/0.txt: samples are files TASK/N.py"),
        ("T_0/0.py", b"\xff", "T_0/0.py: not UTF-8 at byte 0"),
        ("T_5/0.py", b"", "T_5/0.py: field 'task_id': no task 'T_5' here"),
        ("notes", b"", "notes: not a folder"),
    ],
)
def test_faulty_folders(name: str, content: bytes, line: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: {line}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no samples here"),
        (lines({"task_id": "T/0"}), "line 1: no field 'completion', nor another known shape"),
        (lines({"task_id": "T/9", "solution": ""}), "line 1: field 'task_id': no task 'T/9' here"),
        (lines({"task_id": "T/0", "solution": None}), "line 1: field 'solution' is not a string"),
        ('[["a"], [1]]', "item 2: field 'generations', item 1 is not a string"),
        ('[["a"], ["b"], ["c"]]', "item 3: one list for each task, and there are 2 tasks"),
        ("[1]", "item 1: neither a JSON object nor a list"),
        ("[[", "not JSON"),
        (lines({"doc": {}, "resps": []}), "line 1: field 'doc': no field 'task_id'"),
        (lines({"doc": DOC, "resps": []}), "line 1: no field 'filtered_resps' or 'resps'"),
        (lines({"doc": DOC, "resps": [[{}]]}), "line 1: field 'resps' is not a string"),
        ('[{"question_id": "T/0", "code_list": "a"}]', "item 1: field 'code_list' is no list"),
        (lines({"task_id": "T/0", "choices": []}), "line 1: field 'choices' is no list of answers"),
        (lines({"choices": []}), "line 1: no field 'task_id' or 'custom_id'"),
        (lines(batch("T/0") | {"error": {"code": 5}}), "line 1: field 'error': the request failed"),
        (lines(batch("T/0", choice(3))), "line 1: field 'content' is not a string"),
        (lines({"task_id": "T/0", "messages": [3]}), "line 1: field 'messages': no message with"),
        (
            lines({"task_id": "T/0", "choices": [{"text": ""}], "response": "x"}) + "3",
            "line 2: not",
        ),
    ],
)
def test_faulty_records_are_one_line(text: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


def test_a_shape_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(lines({"task_id": "T/0", "completion": "a", "solution": "b"}))
    assert short(read(path, "solution")) == [("T/0", "program", "b")]
    with pytest.raises(UsageError, match="--format other: must be one of completion, solution"):
        read(path, "other")
    with pytest.raises(UsageError, match="line 1: not a file TASK/N.py in a folder"):
        read(path, "folder")


def test_lists_by_task_need_an_order(tmp_path: Path) -> None:
    path = tmp_path / "generations.json"
    path.write_text('[["a"]]')
    with pytest.raises(UsageError, match="the tasks here have no order"):
        list(read_samples(str(path), {"T/0"}, "here"))


def test_rows_for_results_and_what_else_a_sample_says(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(FILES["response"][0])
    [sample], [row] = read(path), list(read_rows(str(path), TASKS, "here"))
    assert sample.truncated and row["reasoning"] == CODE
    logprobs = {"content": [{"token": "a", "logprob": -1.5}]}
    path.write_text(lines(batch("T/0", choice("a") | {"logprobs": logprobs}, choice("b"))))
    first, second = read(path)
    assert (first.logprobs.total, second.logprobs.total) == (-1.5, None)
    assert list(read_rows(str(path), TASKS, "here")) == [
        {"task_id": "T/0", "response": "a"},
        {"task_id": "T/0", "response": "b"},
    ]
