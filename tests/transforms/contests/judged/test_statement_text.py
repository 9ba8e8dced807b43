"""Statements: what a browser shows, in a docstring that says exactly that, in linear time."""

import ast
import inspect
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contests.judged.statement_text import MAX_STATEMENT, html_text, statement_text, tidy
from transforms.lib.problems.statement_prompts import docstring


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>n &lt;= 10<sup>4</sup>, a<sub>i</sub></p>", "n <= 10^4, a_i"),
        ("<p>one\n  line</p><p>two</p>", "one line\n\ntwo"),
        ("<ul>\n\t<li>a</li>\n\t<li>b</li>\n</ul>", "- a\n- b"),
        (
            '<pre>\n<b>Input:</b> s = "a  b"\n  <b>Output:</b> 1\n</pre>',
            'Input: s = "a  b"\n  Output: 1',
        ),
        ("<p><span>s = &quot;  two  spaces&quot;</span></p>", 's = "  two  spaces"'),
        ("a<br />b<img alt='x' src=y>c", "a\nbc"),
        ("<p>a<!-- <b> -->b</p>", "ab"),
        ("<p>a<!-- never ends", "a"),
        ("<style>p { }</style><p>a</p><script>x < 1</script>", "a"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 | 2 |"),
        ("<p>a &amp;&amp; b &nbsp;c&#8203;</p>", "a && b  c"),
        ("<p>1 < 2 and 3 > 2</p>", "1 < 2 and 3 > 2"),
    ],
)
def test_html(html, text):
    assert html_text(html) == text


def test_text_without_markup_stays():
    text = "Print x < y.\r\n\r\n-----Input-----\n  3 <4> 5\x1b[0m\n"
    assert statement_text(text) == "Print x < y.\n\n-----Input-----\n  3 <4> 5[0m"


def said(module):
    return ast.get_docstring(module.body[0]).rstrip()


@given(st.text())
def test_a_docstring_says_the_statement(text):
    statement = tidy(text)
    module = ast.parse(f"def f():\n{docstring(statement)}")
    assert said(module) == inspect.cleandoc(statement).rstrip()


@pytest.mark.parametrize("quotes", ['"', '""', '"""', '\\"""', "'''", '"""\\', "\\"])
def test_quotes_and_backslashes(quotes):
    for text in (quotes, f"a{quotes}", f"{quotes}a", f"a{quotes}b\n{quotes}"):
        module = ast.parse(f"def f():\n{docstring(text)}")
        assert said(module) == inspect.cleandoc(text)


HOSTILE = (
    "<a",
    "<",
    "&",
    "&#",
    "<!--",
    "<!-",
    "<!",
    "<?",
    "</",
    '<a b="',
    "<p x ",
    "<script>",
    "<sup>",
    "<pre>",
    " ",
    "\n",
    " \n",
    "<![CDATA[",
    "<a/",
    "a.",
    "\t ",
)


@pytest.mark.parametrize("part", HOSTILE)
def test_no_text_takes_long(part):
    begin = time.process_time()
    text = statement_text("<p>" + part * (400_000 // len(part)))
    assert time.process_time() - begin < 3
    assert len(text) <= MAX_STATEMENT


def test_images_of_markdown_and_broken_words_leave_no_trace():
    text = "All charac\xad ters are let\xadters.\n\n![the map](https://example.org/a%20b.png)\n\nEnd ![no"
    assert statement_text(text) == "All characters are letters.\n\nEnd ![no"


def test_an_exponent_keeps_its_grouping():
    html = (
        "<p>2<sup>n - 1</sup>, 10<sup>9</sup>, i<sup>th</sup>, 2<sup>(n-1)</sup>, 10<sup>-5</sup>"
    )
    assert html_text(html) == "2^(n - 1), 10^9, i^th, 2^(n-1), 10^-5"
    assert html_text("<p>2<sup><em>n</em> - 1</sup>, a<sup>b") == "2^(n - 1), a^b"
