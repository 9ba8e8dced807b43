"""What is kept of requests and answers goes with what it is about, and nothing else."""

from transforms.crawl.github.built import Built, built_at, remember_built
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.rights.purged_archives import delete_answers, delete_archives
from transforms.lib.skeleton.storage import Storage

GONE, KEPT = "ab" * 32, "cd" * 32


def test_archives(tmp_path):
    data = Storage(str(tmp_path))
    for sha256 in (GONE, KEPT):
        data.put(f"archives/{sha256[:2]}/{sha256}", b"x")
        data.put_json(f"archives/http/{sha256}.json", {"url": "u", "sha256": sha256, "etag": None})
        data.put_json(f"archives/git/{sha256}.json", {"archive_sha256": sha256})
    data.put("archives/http/damaged.json", b"{")
    delete_archives(data, {GONE})
    left = [name for name in data.list("archives", recursive=True) if GONE in name]
    assert not left and len(data.list("archives", recursive=True)) == 4


def test_answers(tmp_path):
    data = Storage(str(tmp_path))
    answers = {
        "pages/a/1.json": {"url": "https://index.example/simple/My_Project/", "body": ""},
        "pages/a/2.json": {"url": "https://index.example/simple/other/", "body": ""},
        "pages/a/3.json": {"url": "https://api.example/repos/Octo/Cat?x=1", "body": "{}"},
        "pages/a/4.json": {"full_name": "octo/cat", "id": 7},
        "pages/a/5.json": {"full_name": "octo/dog", "id": 8},
        "searches/ab/7.json": {"repositories": [{"full_name": "a/b", "id": 9}, {"id": 8}]},
        "searches/ab/8.json": {"repositories": None, "total": 2000},
    }
    for name, value in answers.items():
        data.put_json(name, value)
    for sha256 in (GONE, KEPT):
        data.put(f"archives/{sha256[:2]}/{sha256}", b"x")
    built = Built("Octo/Cat", ("12" * 20,), "cat==1", "attested", GONE)
    stays = Built("octo/dog", ("v1",), "dog==1", "attested", KEPT)
    both = [Built("octo/dog", ("v2",), f"{name}==2", "claimed") for name in ("dog", "my-project")]
    remember_built(data, [built, stays, *both])
    delete_answers(data, OptOuts.of(["my-project", "octo/cat", "id:9"]))
    left = {name for name in data.list("", recursive=True) if name in answers}
    assert {name.partition(".")[0][-1] for name in left} == set("2578")
    assert built_at(data, stays.place) == stays and len(data.list("searches/releases")) == 1
    assert data.list("archives", recursive=True) == [f"{KEPT[:2]}/{KEPT}"]
    assert data.read_json("searches/ab/7.json") == {"repositories": [{"id": 8}]}
