"""What tox prints of a made-up configuration, and a function that stands for it."""

PRINTED = """tox root: /sandbox/tree
[testenv:py38]
deps =
  pytest>=4
  -r req.txt
  coverage
extras = test
commands =
  coverage run -m pytest {tests} -n auto
  flake8
change_dir = /sandbox/tree/tests
set_env =
  LEVEL=2
  PIP_INDEX=x
package = wheel
skip_install = False
use_develop = True
"""


def run_tox(texts, arguments):
    return "tox root: /t\npy38\nlint\n" if arguments[0] == "list" else PRINTED
