"""Keys of services: found in the process, alike everywhere, and without the network."""

import ast
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

import transforms
from tests.support.planted_secrets import FORMATS
from transforms.lib.detection.detectors.vendor_keys import find_vendor_keys
from transforms.lib.detection.finding import KEY, LOW, PASSWORD, Finding
from transforms.lib.text.batch import TextBatch, text_batch

ROOT = Path(transforms.__file__).parents[1]
TOKEN = "dop_v1_" + "91c0d4e7a8b35f26" * 4
OWN = {"connection URI", "Django SECRET_KEY", "password", "PEM RSA", "PEM RSA in one line"}
OWN |= {"OPENSSH key", "GCP service account key"}  # found by other detectors
VENDORS = [each for each in FORMATS if each.name not in OWN]

# Prints what is found, and is killed if it opens a socket.
SCAN = f"""
import os, pyseccomp, sys
import pyarrow as pa
from transforms.lib.detection.detectors.vendor_keys import find_vendor_keys, warm_up
from transforms.lib.text.batch import text_batch
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
rules.add_rule(pyseccomp.KILL_PROCESS, "socket")
if "forked" in sys.argv:
    warm_up()
    if os.fork():
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
rules.load()
for _, found in find_vendor_keys(text_batch(pa.array(["x = '{TOKEN}'"]))):
    print(found.rule, flush=True)
"""


def batch(*texts: str) -> TextBatch:
    return text_batch(pa.array(texts, pa.string()))


def found_in(*texts: str) -> list[tuple[int, Finding]]:
    return sorted(find_vendor_keys(batch(*texts)))


def scan(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    kept = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    environment = kept | {"PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", SCAN, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("secret_format", VENDORS, ids=lambda each: each.name)
def test_a_key_is_found_whole(secret_format) -> None:
    chance = random.Random(secret_format.name)
    for statement in secret_format.statements:
        secret = secret_format.make(chance)
        text = "# é 中文\n" + statement.format(secret)
        begin = text.encode().index(secret.encode())
        place = (begin, begin + len(secret))
        assert place in [(f.begin, f.end) for _, f in found_in(text) if f.confidence != LOW]


def test_kinds_and_confidence_follow_the_rules_of_the_library() -> None:
    _, finding = found_in(f"'{TOKEN}'")[0]
    assert finding == Finding(1, 1 + len(TOKEN), "digitaloceanapikey", KEY)
    uri = found_in("x = 'amqp://joe:Xk3jd92mAw@queue.mailbox.org'")
    assert [(f.kind, f.confidence) for _, f in uri] == [(PASSWORD, LOW)]
    old = "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"
    assert [f.rule for _, f in find_vendor_keys(batch(f"x = '{old}'"))][0] == "openai-api-key"
    assert not found_in("key = 'AKIAIOSFODNN7EXAMPLE'", "token = 'my-token-here'", "")


@pytest.mark.parametrize("escape", [r"\n", r"\t", r"\r\n", r"\\n"])
def test_an_escape_before_a_key_is_no_part_of_it(escape: str) -> None:
    text = f"x = 'a{escape}AKIAQ7XZ2MPLT5GVW3KD'"
    begin = text.index("AKIA")
    ((_, finding),) = found_in(text)
    assert (finding.begin, finding.end, finding.rule) == (begin, begin + 20, "aws-access-key-id")


def test_a_backslash_at_the_end_of_a_text_is_none_of_the_next() -> None:
    token = "npm_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
    alone = [f for _, f in found_in(token)]
    assert [f for index, f in found_in("x\\", token) if index == 1] == alone != []


def test_findings_do_not_depend_on_batches_order_or_threads() -> None:
    chance = random.Random(3)
    texts = [f"x = '{each.make(chance)}'" for each in VENDORS for _ in range(3)]
    alone = [[f for _, f in found_in(text)] for text in texts]
    together = found_in(*texts)
    assert [[f for i, f in together if i == index] for index in range(len(texts))] == alone
    backward = found_in(*reversed(texts))
    assert sorted((len(texts) - 1 - i, f) for i, f in backward) == together
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda text: [f for _, f in found_in(text)], texts)) == alone


def test_without_a_home_and_when_forked_keys_are_found_and_no_socket_is_opened(
    tmp_path: Path,
) -> None:
    """Compiled rules are kept where the variable says."""
    rules = tmp_path / "rules"
    for arguments in ([], ["forked"]):
        done = scan(*arguments, HOME="/dev/null", KF_RULE_CACHE_DIR=str(rules))
        assert (done.returncode, done.stdout) == (0, "digitaloceanapikey\n"), done.stderr
    assert len(list(rules.iterdir())) == 1


def test_nothing_of_the_library_is_used_but_its_scanner() -> None:
    """Above all not what asks services whether keys are valid."""
    used = set()
    for folder in ("transforms", "pipelines", "schemas"):
        for path in (ROOT / folder).rglob("*.py"):
            content = path.read_bytes()
            for node in ast.walk(ast.parse(content)) if b"kingfisher" in content else ():
                if isinstance(node, ast.ImportFrom) and "kingfisher" in (node.module or ""):
                    used |= {alias.name for alias in node.names}
                if isinstance(node, ast.Import):
                    used |= {a.name for a in node.names if "kingfisher" in a.name}
    assert used == {"kingfisher_sdk", "Rules", "Scanner"}
