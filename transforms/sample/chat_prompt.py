"""What a chat is asked: the system message, and the user's message around a task's prompt."""

import re

# `quire evaluate` takes the code from the answer's fenced block.
SYSTEM = (
    "You are an expert Python programmer. Answer with one fenced Python code block that holds the "
    "complete code: the whole function (or class, or program) that is asked for, with its "
    "signature and all imports, and no tests."
)
COMPLETE = "Complete this Python code:\n\n"
PROGRAM = (
    "Write a Python program that solves this problem. It reads from standard input and writes to "
    "standard output.\n\n"
)


def code_message(prompt: str) -> str:
    """The message that asks for code whose beginning is the prompt.

    >>> print(code_message("def f():\\n"))
    Complete this Python code:
    <BLANKLINE>
    ```python
    def f():
    ```
    """
    longest = max(map(len, re.findall("`+", prompt)), default=0)
    fence = "`" * max(3, longest + 1)  # one that the prompt does not close
    return f"{COMPLETE}{fence}python\n{prompt.rstrip()}\n{fence}"


def program_message(prompt: str) -> str:
    """The message that asks for a whole program, of a problem told in prose."""
    return PROGRAM + prompt
