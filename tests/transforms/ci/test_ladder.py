"""Which interpreter and index are tried, what a failure is called, and what may mend it."""

from datetime import date

import pytest

from tests.support.project_trees import tree
from transforms.ci import causes
from transforms.ci.build_orders import Build, build_order
from transforms.ci.causes import Cause
from transforms.ci.driver_results import BuildResult, CommandResult, RunResult
from transforms.ci.interpreters import interpreters
from transforms.ci.ladder import Rung, ladder
from transforms.ci.recipe import Recipe
from transforms.ci.repairs import Repairs, repaired
from transforms.ci.suite_runs import PLAIN, Suite, suite_order

ALL = ["3.6", "3.8", "3.9", "3.11", "3.12", "3.13"]
DAY = date(2020, 6, 1)


def rungs(named, available=tuple(ALL), committed=DAY, requires=""):
    return [(r.name, r.python) for r in ladder(named, list(available), committed, requires)]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["3.6"], "3.6"),
        (["3.7"], "3.6"),  # the next older one that is here
        (["2.7", "3.8"], "3.8"),
        (["2.7"], "3.8"),  # the newest of its time
        (["3.11"], "3.8"),  # which was not out
        ([], "3.8"),
    ],
)
def test_the_interpreter_of_a_project_is_of_its_own_time(named, expected) -> None:
    assert ("named", expected) in rungs(named)


def test_the_order_of_the_ladder() -> None:
    assert [name for name, _ in rungs(["3.8"])] == ["today", "hygiene", "named", "dated"]
    assert {version for name, version in rungs(["3.8"]) if name != "named"} == {"3.12"}
    assert [r.before for r in ladder(["3.8"], ALL, DAY)] == [None, None, *[date(2020, 7, 1)] * 2]


def test_a_project_that_needs_a_newer_interpreter_gets_it() -> None:
    assert rungs([], requires=">=3.13")[0] == ("today", "3.13")
    assert rungs([], requires="<3.10")[0] == ("today", "3.9")
    assert rungs([], requires="no specifier")[0] == ("today", "3.12")
    assert rungs([], available=("3.13",))[0] == ("today", "3.13")
    assert rungs([], available=()) == []


def test_one_interpreter_without_a_date() -> None:
    assert rungs(["3.8"], available=("3.11",), committed=None) == [
        ("today", "3.11"),
        ("hygiene", "3.11"),
    ]


def test_interpreters_are_found_in_folders_that_are_named(tmp_path) -> None:
    binary = tmp_path / "three" / "bin" / "python3.99"
    binary.parent.mkdir(parents=True)
    binary.write_text("")
    assert "3.99" not in interpreters([str(tmp_path)])
    binary.chmod(0o755)
    assert interpreters([str(tmp_path)])["3.99"] == str(binary)
    assert len(interpreters()) >= 1


def run(log="", codes=(1,), limit=None, **tests):
    done = tuple(CommandResult("", 0, code, limit, 0, 0.0) for code in codes)
    return RunResult(done, tests, log)


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        (run(codes=(0,), a="passed"), None),
        (run("Ran 3 tests in 1s\n\nOK", codes=(0,)), None),
        (run("hello", codes=(0,)), "no_tests"),
        (run(codes=(5,)), "no_tests"),
        (run(a="passed", b="failed"), "tests_fail"),
        (run(limit="wall"), "timeout"),
        (run(limit="output"), "output"),
        (run("ModuleNotFoundError: No module named 'x.y'"), "missing_module"),
        (run("ModuleNotFoundError: No module named 'imp'"), "old_python"),
        (run("ImportError: cannot import name 'Mapping' from 'collections' (x)"), "old_python"),
        (run("termios.error: (25, 'Inappropriate ioctl for device')"), "wants_terminal"),
        (run("\x1b[31mINTERNALERROR>\x1b[0m x"), "test_tool_fails"),
        (run("just: not found", codes=(127,)), "missing_program"),
        (run("boom"), "command_fails"),
    ],
)
def test_causes_of_runs(result, cause) -> None:
    found = causes.of_run(result)
    assert (found and found.name) == cause
    assert cause is None or cause in causes.CAUSES


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("error: No solution found when resolving dependencies", "no_solution"),
        ("error: Failed to build `x`", "build_fails"),
        ("what", "install_fails"),
    ],
)
def test_causes_of_builds(log, cause) -> None:
    assert causes.of_build(BuildResult((), "install", "", log)) is not None
    assert causes.of_build(BuildResult((), "install", "", log)).name == cause
    assert causes.of_build(BuildResult((), None, "", log)) is None


MISSING = Cause("missing_module")


def lacking(module, *paths, texts=None, done=Repairs(), python="3.8"):  # noqa: B008
    log = f"ModuleNotFoundError: No module named '{module}'"
    return repaired(done, MISSING, log, tree(texts, *paths), python)


def test_what_is_missing_is_looked_for_where_no_guess_is_needed() -> None:
    assert lacking("helpers", "tests/helpers.py").folders == ("tests",)
    assert lacking("a.b", "a/b.py").folders == (".",)
    assert lacking("a.b", "deep/data/a/b.py") is None
    assert lacking("nose").more == ("nose",)
    assert lacking("yaml") is None
    assert lacking("imp") is None


def test_requirements_that_the_project_writes_are_taken_by_their_own_names() -> None:
    texts = {
        "requirements/test.txt": "Attrs >= 19  # a comment\n-e .\nold<2; python_version < '3'\n",
        "setup.py": "setup(extras_require={'x': ['Some-Thing']}, tests_require=['six==1.0'])",
    }
    assert lacking("attrs", texts=texts).more == ("Attrs>=19",)
    assert lacking("some_thing.x", texts=texts).more == ("Some-Thing",)
    assert lacking("six", texts=texts).more == ("six==1.0",)
    assert lacking("old", texts=texts).all_extras
    assert lacking("old", texts=texts, done=Repairs(all_extras=True)) is None


def test_a_fixture_that_is_missing_is_one_of_the_plug_ins_that_the_project_writes() -> None:
    texts = {"requirements/test.txt": "pytest-mock==3\npytest-cov\npytest-flake8\n"}
    found = repaired(Repairs(), MISSING, "E  fixture 'mocker' not found", tree(texts), "3.8")
    assert found.more == ("pytest-mock==3",)


def build_of(texts, recipe, **settings):
    rung = Rung("today", "3.12", **settings)
    return build_order(Build(recipe, rung, tree(texts), "/p/bin/python3.12", "/s"))


def words_of(order, way=0):
    (install,) = [step for step in order["steps"] if step["name"] == "install"]
    return install["ways"][way]


def test_requirements_are_those_that_can_be_had() -> None:
    texts = {
        "setup.py": "setup(name='x', install_requires=['six'])",
        "r.txt": "-r more.txt\nmock\ngit+https://example.org/x\n",
        "more.txt": "attrs\n",
        "plain.txt": "nose",
    }
    recipe = Recipe(
        "tox",
        deps=("-r r.txt", "-r gone.txt", "-r plain.txt", "git+https://example.org/y#egg=y", "a>1"),
        project="editable",
        extras=("t",),
        groups=("none",),
        commands=(("python", "-m", "pytest"),),
    )
    order = build_of(texts, recipe)
    words = words_of(order)
    assert words[words.index("wheel") + 1 :] == [
        *("-r", "more.txt", "mock", "-r", "plain.txt", "a>1", "pytest", "-e", ".[t]")
    ]
    assert words_of(order, 1)[-2:] == ["pytest", ".[t]"]
    assert words_of(order, 2)[-3:] == ["pytest", "/sandbox/tools/stub", "six"]


def test_versions_are_supplied_where_git_would_be_asked() -> None:
    texts = {"pyproject.toml": '[build-system]\nrequires=["setuptools-scm"]\n[project]\nname="a.b"'}
    recipe = Recipe("tox", project="install", env={"A": "{root}/x", "PATH": "/evil"})
    env = build_of(texts, recipe)["env"]
    assert env["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_A_B"] == "1.0"
    assert env["A"] == "/sandbox/tree/x"
    assert "PATH" not in env


def test_hygiene_never_takes_what_the_project_itself_needs() -> None:
    texts = {"setup.py": "setup(name='plugin', install_requires=['flake8>=3'])"}
    order = build_of(texts, Recipe("tox", project="install"), hygiene=True)
    excluded = order["tools"]["exclude.txt"].split("\n")
    assert "pylint" in excluded
    assert "flake8" not in excluded


def test_the_programs_on_path_are_none_that_the_project_is() -> None:
    order = suite_order(
        Suite(Recipe("x"), tree({"setup.py": "setup(name='black')"}), "3.8"), [PLAIN]
    )
    assert "bin/black" not in order["tools"]
    assert "bin/flake8" in order["tools"]
    texts = {"setup.py": "setup(extras_require={'t': ['pytest-mypy-plugins>=1']})"}
    order = suite_order(Suite(Recipe("x"), tree(texts), "3.8"), [PLAIN])
    assert "bin/mypy" not in order["tools"]


def test_suites_have_what_earlier_runs_were_found_to_need() -> None:
    recipe = Recipe("tox", commands=(("python", "-m", "pytest", "-q"),), env={"PYTHONPATH": "a"})
    suite = Suite(recipe, tree({}), "3.8", folders=(".", "lib"), uncaptured=True, left_out=("t",))
    order = suite_order(suite, [PLAIN])
    assert order["env"]["PYTHONPATH"] == "/sandbox/tree:/sandbox/tree/lib:a"
    assert order["env"]["PYTEST_ADDOPTS"] == "-s"
    assert order["left_out"] == ["t"]
    assert order["commands"][0][-1] == "-q"
