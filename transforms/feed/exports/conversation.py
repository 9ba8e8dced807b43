"""Code in a conversation: an instruction, code in fences that it cannot end."""

import re

TASKS = {
    "stdio": "Write the Python program that this text describes. "
    "It reads standard input and writes standard output.",
    "design": "Complete this Python class.",
}
ANY_TASK = "Complete this Python function."


def instruction(kind: str, prompt: str) -> str:
    """What a user says who wants the completion of a prompt; `kind` is that of its row."""
    return f"{TASKS.get(kind, ANY_TASK)}\n\n{fenced(prompt)}"


def fenced(code: str) -> str:
    """Code as a block of Markdown, whose fences are longer than any run of backticks in it.

    >>> print(fenced("x = 1"))
    ```python
    x = 1
    ```
    """
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if code.endswith("\n") else "\n"
    return f"{fence}python\n{code}{end}{fence}"


def message(role: str, content: str) -> dict[str, str]:
    """One turn of a conversation."""
    return {"role": role, "content": content}
