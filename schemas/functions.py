"""`functions`: a function with a docstring, cut from its file byte by byte."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.secrets import SECRET_KINDS, SECRETS_ACTION

PARAMETER = pa.struct(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("annotation", pa.string()),
        ("default", pa.string()),
    ]
)

FUNCTIONS = dataset(
    "functions",
    "functions",
    "one function, method or async function with a docstring: its prompt and its body",
    ("function_id", pa.string(), "digest of its file's sha256 and its first line; 32 hex digits"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "digest of the file of `corpus` that holds it"),
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
    ("stars", pa.int64(), "stars on the forge"),
    ("split", pa.string(), "train or validation, by repository"),
    ("qualname", pa.string(), "as __qualname__: Class.method, outer.<locals>.inner"),
    ("kind", pa.string(), "function, method, async_function or async_method"),
    (
        "start_line",
        pa.int64(),
        "line of the first decorator or `def`, from 1; of the masked file, if there is one",
    ),
    ("end_line", pa.int64(), "its last line, comments at its end included"),
    (
        "start_byte",
        pa.int64(),
        "byte of the file's UTF-8, or of the masked file's, at which the prompt begins, from 0",
    ),
    ("decorators", pa.list_(pa.string()), "as written, without `@`"),
    ("signature", pa.string(), "as written, from `def` or `async def` to before the colon"),
    ("parameters", pa.list_(PARAMETER), "annotations and defaults as written; kinds as in inspect"),
    ("returns", pa.string(), "return annotation as written"),
    ("docstring", pa.string(), "cleaned as inspect.cleandoc does"),
    ("docstring_raw", pa.string(), "the literal as written"),
    (
        "prompt",
        pa.string(),
        "from the first decorator or `def` to the docstring's end, verbatim but for masks",
    ),
    ("body", pa.string(), "from the docstring's end to the function's end, verbatim but for masks"),
    ("indent", pa.string(), "its indentation in the file, which the next two are without"),
    ("humaneval_prompt", pa.string(), "the prompt dedented, after the imports that it needs"),
    ("humaneval_body", pa.string(), "the body dedented, as it goes on from humaneval_prompt"),
    ("imports", pa.list_(pa.string()), "modules that humaneval_prompt imports"),
    (
        "missing",
        pa.list_(pa.string()),
        "names that it uses and that neither humaneval_prompt nor Python defines; the first "
        "parameter of a method that uses its object or class",
    ),
    ("self_contained", pa.bool_(), "whether nothing is missing; null if a star import may matter"),
    ("lines", pa.int64(), "lines from start_line to end_line"),
    (
        "words",
        pa.int64(),
        "words (runs of letters, digits, _ and all beyond ASCII) of prompt and body",
    ),
    ("docstring_lines", pa.int64(), "lines of the cleaned docstring"),
    ("docstring_words", pa.int64(), "words of the cleaned docstring"),
    ("docstring_language", pa.string(), "ISO 639 code; null if the docstring is too short to tell"),
    ("min_python", pa.string(), "lowest Python 3 that has its syntax, as its syntax tree shows"),
    ("is_test", pa.bool_(), "whether its name or path says that it is a test"),
    ("is_dunder", pa.bool_(), "whether its name is __like_this__"),
    ("has_return", pa.bool_(), "whether it returns a value other than a bare None"),
    (
        "body_is_stub",
        pa.bool_(),
        "whether the body is only pass, ..., return None or raise NotImplementedError",
    ),
    ("body_sha256", pa.string(), "digest of its normalised body; null if that is empty"),
    (
        "exact_duplicate_of",
        pa.string(),
        "function_id of its representative, with the same docstring and normalised body",
    ),
    (
        "near_duplicate_of",
        pa.string(),
        "else function_id of its representative, with a similar body, whatever its docstring",
    ),
    ("near_jaccard", pa.float64(), "Jaccard of the two bodies' word 5-grams"),
    (
        "masked_sha256",
        pa.string(),
        "digest of its file with masks in place of secrets, if it was cut from that; else null",
    ),
    SECRET_KINDS,
    SECRETS_ACTION,
)
