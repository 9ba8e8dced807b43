"""The columns of `signals` and `corpus` that tell of the quality of a file; none is a filter."""

import pyarrow as pa

LEXICAL = (
    ("licence_file", pa.string(), "SPDX expression that the head of the file states, if any"),
    (
        "licence_conflict",
        pa.bool_(),
        "the file says copyleft, and its project a permissive licence",
    ),
    ("duplicate_lines", pa.float64(), "share of lines of code that the file has elsewhere, too"),
    ("comment_lines", pa.float64(), "share of lines that are comments; blank ones do not count"),
    ("docstring_lines", pa.float64(), "share of lines that are docstrings"),
    ("annotated_parameters", pa.float64(), "share of parameters with annotation, but self and cls"),
    ("function_lines", pa.float64(), "functions by line of code"),
    ("import_lines", pa.float64(), "import statements by line of code"),
    ("pass_lines", pa.float64(), "pass statements by line of code"),
    ("print_lines", pa.float64(), "print statements by line of code"),
)
PARSED = (
    ("python", pa.string(), "3, 3.12 … if it needs a later one, 2 or none; if --signals parsed"),
    ("no_variables", pa.bool_(), "nothing is assigned to, and no function has parameters; parsed"),
    ("simple_functions", pa.float64(), "functions of one return, by line of code; parsed"),
    ("no_logic", pa.float64(), "imports, functions, classes … by line of code; parsed"),
    ("duplicate_5grams", pa.float64(), "share of words in 5-grams that the file repeats; parsed"),
    ("duplicate_6grams", pa.float64(), "the same for 6-grams; parsed"),
    ("duplicate_10grams", pa.float64(), "the same for 10-grams; parsed"),
)
RUFF = (
    ("ruff_findings", pa.float64(), "findings of ruff by 100 lines of code; if --signals ruff"),
    ("ruff_score", pa.float64(), "10 without findings and comments, 0 at the worst; ruff"),
)
QUALITY = (*LEXICAL, *PARSED, *RUFF)
