"""What reasons of rejects mean, in a few words; one that is not told here explains itself."""

EXPLAINED = {
    "empty": "the file has no character",
    "too_large": "the file has 1,000,000 bytes or more; the value is its size",
    "long_line_max": "a line has more than 1,000 characters; the value is its length",
    "long_lines_mean": "lines have more than 100 characters on average; the value is their mean",
    "few_alphanumeric": "fewer than a quarter of the characters are letters or digits",
    "exact_duplicate": "the content is that of a file that is kept, byte for byte",
    "near_duplicate": "much like a file that is kept; the value is their Jaccard",
    "undecodable": "the bytes are no text in the encoding that the file states",
    "opt_out": "who it is from has opted out; the value is the entry of the list",
    "no_docstring": "no function of the file has a docstring",
    "duplicate_file": "another file stands for it, and its functions are taken from that one",
    "syntax_error": "no Python 3; the value is the line and what Python says",
    "python_2": "Python 2; the value is the line and what Python says",
    "newer_python": "syntax of a Python that is newer than what is known here",
    "nul_byte": "the file has a NUL character",
    "too_nested": "brackets or blocks are nested too deep to be parsed",
    "contaminated": "it holds a task of an evaluation set",
    "incomplete": "the row lacks a prompt or a completion",
    "split": "its repository is of the other split",
    "stub": "the body does nothing",
    "test": "a test is no example",
    "dunder": "a method such as __init__ is no example",
    "duplicate_function": "another function has the same body, or nearly",
    "short_docstring": "the docstring has too few words",
    "docstring_language": "the docstring is in another language",
    "not_redistributable": "the statement may not be passed on",
    "mix": "a weight below 1 leaves it out",
    "few_tests": "there are fewer than two tests",
    "same_output": "all expected results are the same: a constant passes",
    "weak_tests": "wrong programs pass the tests",
    "trivial_passes": "a body that does nothing passes the tests",
    "reference_fails": "its own solution fails its tests",
    "unstable": "its own solution does not pass every time",
    "duplicate": "another problem is the same, or nearly, and stands for it",
    "no_environment": "the environment that it needs is not there",
    "reference_limit": "its own solution reaches a limit of time or memory",
    "reference_does_not_load": "its own solution cannot be imported",
    "needs_library": "its own solution imports a library that is not lent",
    "test_fails": "its text of tests ends with an exception on its own solution",
    "solutions_disagree": "further solutions of its source give other answers",
    "wrong_solution_passes": "a solution that its source marks as wrong passes the tests",
    "no_tests": "no test could be made of what it has",
    "no_statement": "it has no statement",
    "no_solution": "it has no solution",
    "no_python_solution": "it has no solution in Python",
    "test_code": "the function is part of the tests",
    "constant_body": "the body is a constant",
    "no_tree": "the archive of the project is not there",
    "needs_checker": "several answers are right, and only a program could tell",
}


def explained(reason: str) -> str:
    """The meaning of a reason, or nothing.

    >>> explained("generated_by")
    'its head has a marker of generated code; the value is the marker'
    """
    if reason.startswith("generated_"):
        return "its head has a marker of generated code; the value is the marker"
    return EXPLAINED.get(reason, "")
