"""Scripts as simple commands: variables, conditions, loops and folders; what only a shell knows."""

import pytest

from tests.support.project_trees import tree
from transforms.ci.shell import NotSimple, Shell


def commands(script: str, env: dict[str, str] | None = None, *paths: str) -> list[tuple]:
    return [each.words for each in Shell(env or {}, tree({}, *paths).exists).run(script)]


def test_scripts_are_followed_as_far_as_they_are_known() -> None:
    script = """
# a comment
export LEVEL=2
if [[ $PY == 3.* && -f setup.py ]]; then pytest -k "$LEVEL"; else exit 1; fi
[ "$NO" = yes ] && flake8
cd sub && python 'a b.py' || true
"""
    assert commands(script, {"PY": "3.8"}, "setup.py") == [
        ("pytest", "-k", "2"),
        ("python", "a b.py"),
    ]


@pytest.mark.parametrize(
    "script",
    [
        "for x in *.py; do pytest $x; done",
        "for x in a; pytest",
        "case a in a) pytest;; esac",
        "pytest | tee log",
        "(cd x; pytest)",
        "if x",
        "while",
        "'",
    ],
)
def test_what_only_a_shell_knows_is_not_simple(script: str) -> None:
    with pytest.raises(NotSimple):
        commands(script)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("pytest ${V//./}", "310"),
        ("pytest ${V/./-}", "3-10"),
        ("pytest ${V%.*} ${V#*.} ${V:0:1}", "3 10 3"),
        ("pytest ${V%%.*}${V##*.}", "310"),
        ("pytest ${NO:-$V} ${NO-x} ${V:+y} ${NO:+z}", "3.10 x y"),
        ("pytest $(echo py$V | tr -d .)", "py310"),
        ('X=`pwd`; pytest "$(pwd)/a" $PWD', "{root}/a {root}"),
        ("pytest $(echo $V | sed 's/\\.//')", "310"),
        ("pytest '$V' \\$V \"$V\"", "$V $V 3.10"),
        ("pytest a\\ b 2>&1 >log", "a b"),
    ],
)
def test_words_have_their_values(script, words) -> None:
    (found,) = commands(script, {"V": "3.10"})
    assert " ".join(found[1:]) == words


def test_loops_over_words_are_followed() -> None:
    script = "for x in a 'b c'; do\n  pytest $x\n  if [ $x = a ]; then flake8; fi\ndone\npytest"
    assert commands(script) == [
        ("pytest", "a"),
        ("flake8",),
        ("pytest", "b", "c"),
        ("pytest",),
    ]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("[[ $V == 3.* && -n $V ]]", True),
        ("[ $V = 3.9 -o -f setup.py ]", True),
        ("[ -z $NO ] && ! [ -d gone ]", True),
        ("[[ ! $V == 3.1? ]]", False),
        ("test 1 -lt 2", True),
        ("[ $NO = x ]", False),
        ('[ "$V" != "3.10" ] || [ -e sub/a.py ]', True),
    ],
)
def test_conditions_that_are_known(condition, holds) -> None:
    script = f"if {condition}; then pytest; else nosetests; fi"
    found = commands(script, {"V": "3.10"}, "setup.py", "sub/a.py")
    assert found == [("pytest",) if holds else ("nosetests",)]


@pytest.mark.parametrize(
    ("script", "folder"),
    [
        ("cd sub/..", "."),
        ("cd sub && cd ../other", "other"),
        ("cd {root}/sub", "sub"),
        ("cd /tmp/x", "{tmp}"),
        ("cd ../..", "{tmp}"),
        ("cd $(mktemp -d)", "{tmp}"),
        ("cd", "."),
    ],
)
def test_the_folder_is_followed(script, folder) -> None:
    shell = Shell({}, tree().exists)
    shell.run(script)
    assert shell.cwd == folder
