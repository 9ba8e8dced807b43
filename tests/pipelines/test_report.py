"""report: one page of DATA, that nothing from outside acts on, and as a browser shows it."""

import re
import struct
import zlib
from html.parser import HTMLParser
from itertools import product

import pytest

from tests.support.browser import browser
from tests.support.reported import (
    ADDRESS,
    HOSTILE,
    digest,
    file_row,
    hostile,
    kept_and_dropped,
    put_rows,
    reject_row,
    secrets_and_runs,
)

MAX_BYTES = 3_000_000
WIDTHS, SCHEMES = (1280, 400), ("light", "dark")
BACKGROUNDS = {"light": "rgb(251, 250, 248)", "dark": "rgb(20, 22, 26)"}
# What may stand in a page; of links, those to its own sections, and an icon that is empty.
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += "" if self.open[-1:] == ["style"] else data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The path of the page of each kind of DATA."""
    from pipelines import cli

    folder = tmp_path_factory.mktemp("report")
    put_rows(folder / "friendly", kept_and_dropped() | secrets_and_runs())
    put_rows(folder / "hostile", hostile())
    for name in ("friendly", "hostile"):
        assert cli.main(["report", str(folder / name)]) == 0
    return {name: folder / name / "report.html" for name in ("friendly", "hostile")}


@pytest.fixture(params=["friendly", "hostile"])
def page(made, request):
    return Page(made[request.param].read_text())


def test_a_page_is_small(made):
    assert max(path.stat().st_size for path in made.values()) <= MAX_BYTES


def test_a_page_needs_nothing_and_runs_nothing(page):
    assert not page.all("script") and not page.all("img") and not page.all("iframe")
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    links = [a[k] for _, a in page.tags for k in ("href", "src", "action", "xlink:href") if k in a]
    assert links and all(link.startswith("#") or link == "data:," for link in links)
    (policy,) = [m["content"] for m in page.all("meta") if "Policy" in (m.get("http-equiv") or "")]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert len(page.all("style")) == 1 and "url(" not in str(page.tags)
    assert page.open == []


def test_texts_from_outside_are_shown_as_they_are(made):
    page = Page(made["hostile"].read_text())
    shown = [text for text in HOSTILE if text.isprintable()]
    assert len(shown) > 4 and all(text in page.text for text in shown)
    assert "a⟨U+0000⟩b⟨U+001B⟩[31mc⟨U+0007⟩" in page.text
    assert "⟨U+202E⟩txt.exe⟨U+2066⟩⟨U+200F⟩" in page.text
    content = made["hostile"].read_text()
    assert not re.search(
        "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", content
    )


def test_sections_are_those_of_what_is_there(made):
    friendly, other = (Page(made[name].read_text()) for name in ("friendly", "hostile"))
    keys = [section["id"] for section in friendly.all("section")]
    assert keys == [
        "funnel",
        "crawl",
        "lines",
        "dropped",
        "duplicates",
        "licences",
        "secrets",
        "runs",
        "datasets",
    ]
    assert [link["href"] for link in friendly.all("nav a") or friendly.all("a")][1:] == [
        f"#{k}" for k in keys
    ]
    assert "contamination" in [section["id"] for section in other.all("section")]
    assert "cannot be shown" not in friendly.text + other.text


def test_headings_tables_and_charts_can_be_heard(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(cell["scope"] in ("col", "row") for cell in page.all("th"))
    assert all("aria-label" in svg or "aria-hidden" in svg for svg in page.all("svg"))


def test_examples_stand_side_by_side(made):
    text = Page(made["friendly"].read_text()).text
    assert "corpus: near_duplicate (1 of 1)" in text and "Jaccard 0.9" in text
    assert "return x - 7" in text and "return x + 7" in text
    assert "1,000,005 characters" in text


def test_the_funnel_adds_up(made):
    text = Page(made["friendly"].read_text()).text
    assert "files read: 4" in text and "kept in corpus: 1" in text
    assert all(f"dropped: {reason}: −1 (25.0 %)" in text for reason in ("empty", "near_duplicate"))


def test_no_secret_is_shown(made):
    text = Page(made["friendly"].read_text()).text
    assert ADDRESS not in text and "# <EMAIL>" in text


def test_the_figure_of_secrets_is_of_those_that_are_sure(made):
    text = Page(made["friendly"].read_text()).text
    assert re.search(r"secrets and addresses found\s*1\s", text)


def test_nothing_found_is_said(quire, tmp_path):
    put_rows(tmp_path, kept_and_dropped() | {"secrets": []})
    assert quire("report", tmp_path) == 0
    text = Page((tmp_path / "report.html").read_text()).text
    assert "looked through, and nothing was found" in text
    assert "secrets and addresses found" not in text


def test_the_page_is_the_same_each_time(made, quire, tmp_path):
    again = tmp_path / "again.html"
    assert quire("report", made["friendly"].parent, "--out", again) == 0
    assert again.read_bytes() == made["friendly"].read_bytes()


def test_a_browser_shows_it_at_any_width_and_in_both_schemes(made):
    with browser() as driven:
        for path in made.values():
            driven.open(path)
            for width, scheme in product(WIDTHS, SCHEMES):
                case = path.parent.name, width, scheme
                look = driven.look(width, scheme)
                assert look.width == width, case
                assert look.background == BACKGROUNDS[scheme], case
                assert png_size(look.screenshot) == (width, 900), case
                assert len(set(pixels(look.screenshot))) > 50, case
            assert driven.console() == []
            assert driven.requests() == [path.resolve().as_uri()]


def png_size(content):
    return struct.unpack(">II", content[16:24])


def pixels(content):
    """The bytes of a PNG's lines, filtered as they are stored."""
    at, data = 8, b""
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            data += content[at + 8 : at + 8 + length]
        at += length + 12
    return zlib.decompress(data)


def test_what_is_no_data_and_what_cannot_be_written(quire, tmp_path, capsys):
    assert quire("report", tmp_path) == 2
    assert "no committed dataset here" in capsys.readouterr().err
    put_rows(tmp_path / "data", kept_and_dropped())
    assert quire("report", tmp_path / "data", "--out", tmp_path / "no" / "a.html") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_removal_takes_the_page_with_it(quire, tmp_path, capsys):
    data, names = tmp_path / "data", tmp_path / "names.txt"
    put_rows(data, kept_and_dropped())
    assert quire("report", data) == quire("report", data, "--card") == 0
    shown = data / "__marimo__" / "session" / "notebook.py.json"
    shown.parent.mkdir(parents=True)
    shown.write_text("{}")
    names.write_text("nobody\n")
    assert quire("remove", data, "--list", names) == 0
    assert (data / "report.html").exists() and shown.exists()
    assert "still count" not in capsys.readouterr().err
    names.write_text("near\n")
    assert quire("remove", data, "--list", names) == 0
    assert not (data / "report.html").exists() and not shown.exists()
    stale = "remove: README.md and croissant.json still count these rows"
    assert f"{stale}; `quire report {data} --card`" in capsys.readouterr().err


def test_a_damaged_dataset_leaves_the_others(quire, tmp_path):
    put_rows(tmp_path / "data", kept_and_dropped())
    (shard,) = (tmp_path / "data" / "clusters").glob("*.parquet")
    shard.write_bytes(b"PAR1")
    assert quire("report", tmp_path / "data") == 0
    text = Page((tmp_path / "data" / "report.html").read_text()).text
    assert "This cannot be shown" in text and "The largest repositories" in text


def test_texts_of_other_parquet_are_read_in_place_while_it_is_there(quire, tmp_path):
    from tests.conftest import write_files

    rows = [{"repo": "r", "path": "a.py", "content": "x = 1\n# first\n"}]
    parquet = write_files(tmp_path / "in.parquet", rows)
    dropped = file_row(**rows[0])
    run = {"run": 1, "stage": "corpus", "settings": f'{{"files": "{parquet}"}}'}
    rejects = [reject_row(dropped, "few_alphanumeric")]
    put_rows(tmp_path / "data", {"runs": [run], "corpus": [], "rejects/corpus": rejects})
    assert quire("report", tmp_path / "data") == 0
    assert "# first" in (tmp_path / "data" / "report.html").read_text()
    parquet.unlink()
    assert quire("report", tmp_path / "data") == 0
    content = (tmp_path / "data" / "report.html").read_text()
    assert "# first" not in content and "its text is not at hand" in content
    assert digest(rows[0]["content"]) not in content
