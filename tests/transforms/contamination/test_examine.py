"""A task that leaks by any mutation is a hit; the host file alone, and common code, are not."""

import random
import sysconfig
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from transforms.contamination.evidence import evidence
from transforms.contamination.examine import examine
from transforms.contamination.grams.canonical_trees import canonical_tree, comparable_parts
from transforms.contamination.grams.ngrams import (
    CODE_GRAMS,
    DEFINED_NAMES,
    TEST_GRAMS,
    WORD_GRAMS,
    grams,
)
from transforms.contamination.patterns.background import Background
from transforms.contamination.patterns.stoplist import make_stoplist, read_stoplist, upper_halves
from transforms.contamination.patterns.task_index import dump_index, load_index, make_index
from transforms.contamination.report.mutations import CARRIED, MUTATIONS, seeded
from transforms.contamination.report.selftest import choose_hosts, run_selftest, sample_tasks
from transforms.lib.eval_sets import EvalTask
from transforms.lib.python.parsing import parse_or_none

LIBRARY = Path(sysconfig.get_path("stdlib"))


def task(number: int, doc: str, program: str, tests: str, name: str) -> EvalTask:
    return EvalTask(
        suite="ours",
        version="",
        split="",
        task_id=f"ours/{number}",
        entry_point=name,
        prompt=doc,
        doc=doc,
        signature="",
        solutions=(program,),
        tests=tests,
        test="",
        licence="CC0-1.0",
    )


TASKS = (
    task(
        0,
        "Count how many pairs of neighbouring beads on a circular necklace differ in colour by more"
        " than the given tolerance.",
        "def restless_beads(beads, tolerance):\n    restless = 0\n    for i, bead in enumerate(beads):\n"
        "        after = beads[(i + 1) % len(beads)]\n        if abs(bead - after) > tolerance:\n"
        "            restless += 1\n    return restless\n",
        "assert restless_beads([4, 9, 2, 7], 3) == 4\nassert restless_beads([1, 1, 5], 2) == 2\n"
        "assert restless_beads([8, 6, 40, 12, 13], 20) == 2\n",
        "restless_beads",
    ),
    task(
        1,
        "Fold a strip of paper with numbers at its middle until one number is left, where numbers that"
        " come to lie on each other are multiplied and taken modulo the prime.",
        "def folded_strip(strip, prime):\n    while len(strip) > 1:\n        half = len(strip) // 2\n"
        "        left, right = strip[:half], strip[half:][::-1]\n        strip = right[: len(right) - half]\n"
        "        strip += [a * b % prime for a, b in zip(left, right)]\n    return strip[0]\n",
        "assert folded_strip([3, 8, 11, 2], 13) == 8\nassert folded_strip([5], 7) == 5\n"
        "assert folded_strip([2, 9, 4, 4, 1, 6], 31) == 17\n",
        "folded_strip",
    ),
    task(
        2,
        "Say whether a tower of crates stands: no crate may be wider than the one below it by more than"
        " a third, and none of them may be empty.",
        "def stands(crates):\n    below = None\n    for width, filled in reversed(crates):\n"
        "        if not filled or (below is not None and 3 * width > 4 * below):\n"
        "            return False\n        below = width\n    return True\n",
        "assert stands([(3, True), (4, True)]) == True\nassert stands([(9, True), (4, True)]) == False\n"
        "assert stands([(3, False), (17, True), (23, True)]) == False\n",
        "stands",
    ),
)
INDEX = load_index(dump_index(make_index(TASKS, read_stoplist())))
HOSTS = [
    (LIBRARY / name).read_text() for name in ("bisect.py", "shlex.py", "textwrap.py", "queue.py")
]


def verdicts(text: str, index=INDEX) -> dict[str, str]:
    findings = examine(pa.array([text]), index).findings
    return {index.tasks[f.task].task_id: f.verdict for f in findings}


@pytest.mark.parametrize(
    "name", [name for name, _, _ in MUTATIONS if name != "half of the program"]
)
@pytest.mark.parametrize("number", range(len(TASKS)))
def test_a_leak_is_a_hit(name: str, number: int) -> None:
    rng = random.Random(name)
    mutate, end = next((mutate, end) for n, mutate, end in MUTATIONS if n == name)
    leak = mutate(TASKS[number], rng)
    assert leak, "every task has what this mutation needs"
    for host in HOSTS:
        assert verdicts(seeded(host, leak, end, rng)) == {f"ours/{number}": "hit"}


def test_hosts_alone_hold_nothing() -> None:
    assert [verdicts(host) for host in HOSTS] == [{}] * len(HOSTS)


def test_what_is_common_is_no_evidence() -> None:
    """A function that several releases have is a hit, unless the stoplist was made of them."""
    program = "def wide(a, b):\n    if a.left > b.right:\n        return a.left - b.right\n    return b.left\n"
    rows = [
        {"repo": f"r{i}", "path": "p.py", "commit": "1", "content": f"{i}\n{program}"}
        for i in range(4)
    ]
    background = Background()
    background.add(pa.RecordBatch.from_pylist(rows))
    background.add(pa.RecordBatch.from_pylist(rows))
    assert background.recipe()["releases"] == [[f"r{i}", "1", 1] for i in range(4)], "contents once"
    known = make_stoplist(background.common_hashes())
    bare = task(9, "", program, "", "wide")
    assert verdicts(rows[0]["content"], make_index([bare], known)) == {}
    nothing = make_stoplist(dict.fromkeys(("code", "tree", "name"), np.empty(0, np.uint32)))
    assert verdicts(rows[0]["content"], make_index([bare], nothing)) == {"ours/9": "hit"}


def test_a_part_is_to_be_reviewed_and_scattered_words_are_nothing() -> None:
    words = TASKS[0].doc.split()
    assert verdicts("# " + " ".join(words[: len(words) * 3 // 4])) == {"ours/0": "review"}
    assert verdicts("# " + " filler between the words here ".join(words)) == {}
    apart = "\n".join(f"x{i} = {i}" for i in range(200))
    halves = f"# {' '.join(words[:9])}\n{apart}\n# {' '.join(words[9:])}\n"
    assert verdicts(halves) == {}, "n-grams count where they stand together"


def test_short_fields_are_reported_and_not_matched() -> None:
    tiny = task(
        3, "Add two numbers.", "def add(a, b):\n    return a + b\n", "assert add(1, 2) == 3", "add"
    )
    empty = task(4, "", "", "", "")
    index = make_index([tiny, empty], read_stoplist())
    assert index.tasks[0].states == {
        "D": "short",
        "T": "short",
        "C": "short",
        "A": "short",
        "N": "common",
    }
    assert set(index.tasks[1].states.values()) == {"empty"}
    assert not any(task.checkable() for task in index.tasks)
    assert (
        verdicts(
            "def add(a, b):\n    '''Add two numbers.'''\n    return a + b\nassert add(1, 2) == 3\n",
            index,
        )
        == {}
    )


def test_boilerplate_of_a_set_is_no_evidence() -> None:
    frame = "METADATA = {'author': 'somebody', 'dataset': 'test'}\n\n\ndef check(candidate):\n"
    framed = [
        task(i, t.doc, t.solutions[0], frame + t.tests, t.entry_point)
        for i, t in enumerate(TASKS * 2)
    ]
    assert (
        verdicts(frame + "    assert candidate([]) is None\n", make_index(framed, read_stoplist()))
        == {}
    )


def test_evidence_shows_both_sides() -> None:
    leak = '"""Module."""\n\n\nclass Tower:\n    def check(self, crates):\n' + "".join(
        f"        {line}\n" for line in TASKS[2].solutions[0].split("\n")[1:]
    )
    [finding] = examine(pa.array([leak]), INDEX).findings
    by_channel = {piece.channel: piece for piece in evidence(finding)}
    assert {piece.function for piece in by_channel.values()} == {"Tower.check"}
    code = by_channel["C"]
    assert (code.first, code.last) == (6, 11) and code.found <= code.total
    assert "for width, filled in reversed(crates)" in code.task_excerpt
    assert code.task_excerpt.split() == code.text_excerpt.split()


def test_normal_forms_and_tabs_in_a_broken_file() -> None:
    accented = task(
        5, "Zähle die größten Körbe über der Höhe und gib ihre Anzahl zurück", "", "", ""
    )
    index = make_index([accented], read_stoplist())
    decomposed = unicodedata.normalize("NFD", f"# {accented.doc}")
    assert decomposed != f"# {accented.doc}" and verdicts(decomposed, index) == {"ours/5": "hit"}
    broken = "print 'Python 2'\n\n" + TASKS[0].solutions[0].replace("    ", "\t")
    assert verdicts(broken) == {"ours/0": "hit"}


def test_the_selftest_finds_what_it_leaks() -> None:
    real = choose_hosts(HOSTS)
    assert len(real) == len([host for host in HOSTS if len(host) < 20_000])
    recalls = {each.mutation: each for each in run_selftest(INDEX, sample_tasks(TASKS), real)}
    assert len(recalls) == len(MUTATIONS)
    for name, recall in recalls.items():
        assert recall.seeded == (1 if name in CARRIED else len(TASKS))
        assert recall.found == recall.seeded or name == "half of the program"
    assert [r.found for r in run_selftest(INDEX, sample_tasks(TASKS), [])][:1] == [len(TASKS)], (
        "without a host too"
    )


def test_hashes_stay() -> None:
    """The stoplist that ships holds such hashes: if they changed, it would match nothing."""
    source = "def f(a, b):\n    return len(a) + b['x'] * 2.5 == 'y'\n"
    hashes = [
        int(grams(source.encode(), kind)[0][0])
        for kind in (WORD_GRAMS, TEST_GRAMS, CODE_GRAMS, DEFINED_NAMES)
    ]
    hashes.append(canonical_tree(comparable_parts(parse_or_none(source))[0][1]).digest)
    assert hashes == [
        16023634919223470779,
        14806533269825095558,
        17853671095281158397,
        10662678630244166701,
        10097166840143773164,
    ]
    assert upper_halves(np.array([2**63 + 5], np.uint64)).tolist() == [2**31]


def test_a_signature_word_for_word_is_to_be_reviewed() -> None:
    annotated = task(
        6,
        "",
        "def weigh(crates: list[int], lid: bool = False) -> int:\n"
        + TASKS[0].solutions[0].split("\n", 1)[1],
        "",
        "weigh",
    )
    index = make_index([*TASKS, annotated], read_stoplist())
    same = "def weigh(crates: list[int], lid: bool = False,) -> str:\n    return str(crates)\n"
    assert verdicts(same, index) == {"ours/6": "review"}
    method = (
        "class Tower:\n    def weigh(self, crates: list[int], lid: bool = False):\n        pass\n"
    )
    assert verdicts(method, index) == {"ours/6": "review"}
    for other in ("crates, lid", "crates: list[int], lid: bool = True", "crates: list[int]"):
        assert verdicts(f"def weigh({other}):\n    pass\n", index) == {}
    assert verdicts("def folded_strip(strip, prime):\n    return 7\n", index) == {
        "ours/1": "review"
    }
    assert verdicts("weigh(crates)\n", index) == {}


def test_tiny_tasks_need_more_than_their_only_line() -> None:
    mean = task(7, "", "def evenly(xs):\n    return sum(xs) / len(xs)\n", "", "evenly")
    helper = "def gcd(a, b):\n    while b != 0:\n        a, b = b, a % b\n    return a\n"
    coprime = task(
        8, "", f"{helper}def strangers(x, y):\n    return gcd(x, y) == 1\n", "", "strangers"
    )
    index = make_index([mean, coprime], read_stoplist())
    assert verdicts("def average(v):\n    return sum(v) / len(v)\n", index) == {}
    assert verdicts(f"{helper}def lcm(a, b):\n    return a * b // gcd(a, b)\n", index).get(
        "ours/8"
    ) in (None, "review")
    assert verdicts(mean.solutions[0], index) == {"ours/7": "hit"}, "with its name it is the task"
    assert verdicts(coprime.solutions[0], index) == {"ours/8": "hit"}
