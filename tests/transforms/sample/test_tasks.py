"""The prompts of evaluation sets and of DATA's problems, for completions and for chats."""

import json
from pathlib import Path

import pytest

from schemas import CI_PROBLEMS
from tests.support.ci_rows import put_ci_problems
from tests.support.contest_rows import problem, put_problems
from transforms.lib.errors import UsageError
from transforms.sample.chat_prompt import code_message
from transforms.sample.tasks import read_prompts


def test_the_problems_of_data_that_are_sampled(tmp_path: Path) -> None:
    """Those that were verified; before, all that were made; none that its secrets drop."""
    row = problem("made", "    return x\n", [(1, 1)])
    own = dict.fromkeys(CI_PROBLEMS.schema.names) | row | {"problem_id": "id-ci", "source": "ci"}
    dropped = problem("left", "    return 'a'\n", [(1, "a")], secrets_action="drop")
    data = put_ci_problems(put_problems(tmp_path, [row, dropped]), [own])
    made, _ = prompts = read_prompts(str(data))
    assert [each.task_id for each in prompts] == ["id-made", "id-ci"]
    assert made.in_chat().prompt == code_message(made.prompt)
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match="run `quire contests` or `quire ci`, and `verify`"):
        read_prompts(str(tmp_path / "none"))


def test_mbpp_has_the_prompt_of_its_authors(tmp_path: Path) -> None:
    """Statement and assertions, behind solved examples; without them no model knows the name."""
    records = [
        {"task_id": n, "text": f"Do {n}.", "code": f"def f{n}():\r\n  pass", "test_setup_code": "",
         "test_list": [f"assert f{n}() is {i}" for i in range(3)], "challenge_test_list": ["assert 1"]}
        for n in (2, 3, 11)
    ]  # fmt: skip
    path = tmp_path / "mbpp.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    asked = "You are an expert Python programmer, and here is your task: Do 11. Your code should pass these tests:\n\nassert f11() is 0\nassert f11() is 1\nassert f11() is 2"
    second, third, eleventh = read_prompts(f"mbpp={path}")
    assert (eleventh.task_id, eleventh.stops, eleventh.message) == ("MBPP/11", ("[DONE]",), asked)
    assert eleventh.prompt.endswith(f"\n[DONE]\n\n{asked}\n[BEGIN]\n")
    assert eleventh.prompt.count("[DONE]") == 2 and "assert 1\n" not in eleventh.prompt
    assert "[BEGIN]\ndef f2():\n  pass\n[DONE]\n\n" in eleventh.prompt
    assert second.prompt.count("def f") == 1 and "def f2" not in second.prompt


def test_what_a_chat_is_asked(tmp_path: Path) -> None:
    """Code is completed, also where it holds a fence itself; prose is asked as it is."""
    rows = [
        {"task_id": "code", "prompt": "def f():\n    # ```\n", "entry_point": "f"},
        {"task_id": "prose", "prompt": "Write f.", "entry_point": "f"},
    ]
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, prose = (prompt.in_chat() for prompt in read_prompts(str(path)))
    assert code.prompt == "Complete this Python code:\n\n````python\ndef f():\n    # ```\n````"
    assert (prose.prompt, prose.stops, code.stops) == ("Write f.", (), ())


def test_humaneval_is_sampled_from_what_is_installed() -> None:
    first = read_prompts("humaneval")[0]
    assert (first.task_id, len(first.stops)) == ("HumanEval/0", 5)
    assert first.in_chat().prompt.startswith("Complete this Python code:\n\n```python\nfrom typing")
