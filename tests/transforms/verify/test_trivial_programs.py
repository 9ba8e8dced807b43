"""Trivial programs, made from a solution."""

from transforms.verify.trivial_programs import trivial_programs


def test_trivial_programs() -> None:
    program = "LIMIT = 5\ndef help(): return 1\ndef f(x):\n    'doc'\n    return x\n"
    assert trivial_programs(program, "f", False) == {
        "pass": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    pass\n",
        "stub": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    raise NotImplementedError\n",
    }
    methods = (
        "class F:\n    n = 1\n    def __init__(self): self.n = 2\n    async def g(self): return 3\n"
    )
    assert trivial_programs(methods, "F", False)["pass"] == (
        "class F:\n    n = 1\n\n    def __init__(self):\n        pass\n\n    async def g(self):\n        pass\n"
    )
    assert trivial_programs("print(1)", "", True)["pass"] == ""
