"""`contest_problems`: a programming problem with tests, before verification."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.secrets import SECRET_KINDS, SECRETS_ACTION

CASE = pa.struct([(name, pa.string()) for name in ("input", "output", "origin")])
# The columns of a problem, verified or not.
PROBLEM = (
    ("problem_id", pa.string(), "digest of the problem and its source, the same in every run"),
    ("source", pa.string(), "the kind of its source: leetcode, exercism, apps, …"),
    ("repo", pa.string(), "the project, tree or file that holds it"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("path", pa.string(), "where it is in that project, tree or file"),
    ("title", pa.string(), "its title"),
    ("slug", pa.string(), "its name or number in its source"),
    ("url", pa.string(), "its address on the web"),
    ("licence_spdx", pa.string(), "SPDX expression of the source, or NOASSERTION"),
    ("redistributable", pa.bool_(), "whether its statement may be passed on"),
    ("difficulty", pa.string(), "difficulty, as the source names it"),
    ("tags", pa.list_(pa.string()), "tags, as the source names them"),
    ("statement", pa.string(), "the statement as text"),
    (
        "needs_picture",
        pa.bool_(),
        "whether the statement speaks of pictures or colours, which the text lacks",
    ),
    ("kind", pa.string(), "function, design (a class) or stdio (a whole program)"),
    ("entry_point", pa.string(), "the function or class that is called; null for stdio"),
    ("signature", pa.string(), "the header of the entry point; null for stdio"),
    ("prompt", pa.string(), "imports, signature and the statement as docstring"),
    ("canonical_solution", pa.string(), "what completes the prompt"),
    ("solutions", pa.list_(pa.string()), "whole programs, the canonical one first"),
    ("wrong_solutions", pa.list_(pa.string()), "programs that the source marks as wrong"),
    ("requires", pa.list_(pa.string()), "distributions beyond the standard library"),
    ("harness", pa.string(), "call(candidate, arguments) around the entry point; null for none"),
    ("test", pa.string(), "check(candidate), as in HumanEval; null for the rule checker"),
    (
        "tests",
        pa.list_(CASE),
        "input and output as literals (arguments are a tuple); of stdio as text",
    ),
    (
        "compare",
        pa.string(),
        "exact, equal (1 is 1.0), float, unordered, unordered_nested, unordered_items, inplace, "
        "tokens, tokens_caseless, or checker (several answers are right)",
    ),
    ("tolerance", pa.float64(), "error that floats may have, relative above 1"),
    (
        "compare_origin",
        pa.string(),
        "what the compare rule follows from: statement, type, outputs, …",
    ),
    ("compare_evidence", pa.string(), "the sentence or annotation that it follows from"),
    ("n_tests", pa.int64(), "how many tests there are"),
    ("unused_tests", pa.int64(), "tests of the source that could not be read or kept"),
    SECRET_KINDS,
    SECRETS_ACTION,
)
CONTEST_PROBLEMS = dataset(
    "contest_problems",
    "contests",
    "one problem of a contest or course, before verification",
    *PROBLEM,
)
