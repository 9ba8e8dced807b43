"""numpy is lent to the tests of EvalPlus, and nothing else that is installed."""

from transforms.evaluate.lent_packages import evaluation_sandbox
from transforms.evaluate.request import Evaluation

CHECK = """
import numpy as np
def check(candidate):
    assert np.allclose(candidate(0.1), 0.2)
"""


def test_numpy_is_lent_to_evalplus_alone() -> None:
    with evaluation_sandbox(Evaluation("evalplus", (1,))) as sandbox:
        assert sandbox.check("def f(x): return 2 * x", "f", CHECK).why == ""
        assert "No module named 'pyarrow'" in sandbox.check("import pyarrow", "f", CHECK).why
    with evaluation_sandbox(Evaluation("ours", (1,))) as sandbox:
        assert "No module named 'numpy'" in sandbox.check("f = abs", "f", CHECK).why
