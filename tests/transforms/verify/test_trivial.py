"""Programs that do nothing, made of those that do something."""

from transforms.verify.trivial import hollow_programs


def test_hollow_programs() -> None:
    program = "LIMIT = 5\ndef help(): return 1\ndef f(x):\n    'doc'\n    return x\n"
    assert hollow_programs(program, "f", False) == {
        "pass": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    pass\n",
        "stub": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    raise NotImplementedError\n",
    }
    methods = (
        "class F:\n    n = 1\n    def __init__(self): self.n = 2\n    async def g(self): return 3\n"
    )
    assert hollow_programs(methods, "F", False)["pass"] == (
        "class F:\n    n = 1\n\n    def __init__(self):\n        pass\n\n    async def g(self):\n        pass\n"
    )
    assert hollow_programs("print(1)", "", True)["pass"] == ""
