"""A bank of programs that hardly look at their input: tests that they pass test little.

Strengthen ships this file into the sandbox, too.
"""

from transforms.lib.python.syntax_trees import Function

# Bodies that give one answer, of functions and of methods.
CONSTANT_BODIES = {
    "none": "return None",
    "zero": "return 0",
    "one": "return 1",
    "minus_one": "return -1",
    "true": "return True",
    "false": "return False",
    "empty_text": "return ''",
    "empty_list": "return []",
}
# Bodies of a function, by name; {first}, {second} and {last} are its parameters. Bodies with a
# parameter that a function does not have are left out for it.
FUNCTION_BODIES = {
    **CONSTANT_BODIES,
    "first_argument": "return {first}",
    "second_argument": "return {second}",
    "last_argument": "return {last}",
    "length": "return len({first})",
    "sum": "return sum({first})",
    "max": "return max({first})",
    "min": "return min({first})",
    "sorted": "return sorted({first})",
    "reversed": "return {first}[::-1]",
    "distinct": "return len(set({first}))",
    "first_item": "return {first}[0]",
    "last_item": "return {first}[-1]",
    "is_odd": "return {first} % 2 == 1",
    "parity": "return {first} % 2",
    "half": "return {first} // 2",
    "next": "return {first} + 1",
    "text": "return str({first})",
    "is_true": "return bool({first})",
    "added": "return {first} + {second}",
    "multiplied": "return {first} * {second}",
    "equal": "return {first} == {second}",
    "less": "return {first} < {second}",
    "equal_lengths": "return len({first}) == len({second})",
    "contains": "return {second} in {first}",
    "has_duplicates": "return len(set({first})) < len({first})",
    "is_palindrome": "return {first} == {first}[::-1]",
    "is_sorted": "return list({first}) == sorted({first})",
    "middle_item": "return {first}[len({first}) // 2]",
}
# Bodies of the methods of a class; in __init__ the body of INIT_BODY stands instead.
METHOD_BODIES = {
    **CONSTANT_BODIES,
    "first_argument": "return {first}",
    "last_argument": "return {last}",
    "calls": "self._calls = getattr(self, '_calls', 0) + 1\nreturn self._calls",
    "previous_argument": (
        "result = getattr(self, '_previous', None)\nself._previous = {last}\nreturn result"
    ),
}
INIT_BODY = "self._given = locals()"
# Whole programs, by name.
STDIO_PROGRAMS = {
    "nothing": "",
    "zero": "print(0)",
    "one": "print(1)",
    "minus_one": "print(-1)",
    "yes": "print('YES')",
    "no": "print('NO')",
    "yes_in_small": "print('Yes')",
    "no_in_small": "print('No')",
    "input": "import sys\nprint(sys.stdin.read())",
    "first_line": "print(input())",
    "first_token": "import sys\nprint(sys.stdin.read().split()[0])",
    "last_token": "import sys\nprint(sys.stdin.read().split()[-1])",
    "last_line": "import sys\nprint(sys.stdin.read().strip().split('\\n')[-1])",
    "sum": "import sys\nprint(sum(map(int, sys.stdin.read().split())))",
    "sum_of_others": "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))",
    "max": "import sys\nprint(max(map(int, sys.stdin.read().split())))",
    "min": "import sys\nprint(min(map(int, sys.stdin.read().split())))",
    "count": "import sys\nprint(len(sys.stdin.read().split()))",
    "length": "print(len(input()))",
    "reversed": "print(input()[::-1])",
    "sorted": "import sys\nprint(*sorted(map(int, sys.stdin.read().split()[1:])))",
    "parity": "print(int(input().split()[0]) % 2)",
    "half": "print(int(input().split()[0]) // 2)",
    "next": "print(int(input().split()[0]) + 1)",
    "zeros": "for _ in range(int(input())): print(0)",
    "ones": "for _ in range(int(input())): print(1)",
    "yeses": "for _ in range(int(input())): print('YES')",
    "noes": "for _ in range(int(input())): print('NO')",
    "lines": "for _ in range(int(input())): print(input())",
}


def trivial_names(is_class: bool, is_program: bool = False) -> tuple[str, ...]:
    """The names of the bank's programs for a class, for a function, or for standard input."""
    bank = STDIO_PROGRAMS if is_program else METHOD_BODIES if is_class else FUNCTION_BODIES
    return tuple(bank)


def trivial_body(function: Function, name: str, is_class: bool) -> str | None:
    """The text of a body for a function, or None if it has not the parameters for that.

    >>> import ast
    >>> trivial_body(ast.parse("def f(x): pass").body[0], "length", False)
    'return len(x)'
    """
    if is_class and function.name == "__init__":
        return INIT_BODY
    body = (METHOD_BODIES if is_class else FUNCTION_BODIES)[name]
    try:
        return body.format_map(_parameters(function))
    except KeyError:
        # A method without arguments still needs a body: the program is wrong elsewhere.
        return "return None" if is_class else None


def _parameters(function: Function) -> dict[str, str]:
    """The parameters of a function but for `self`, by their place."""
    own = [*function.args.posonlyargs, *function.args.args]
    names = [argument.arg for argument in own if argument.arg not in ("self", "cls")]
    places = dict(zip(("first", "second"), names, strict=False))
    return places | ({"last": names[-1]} if names else {})
