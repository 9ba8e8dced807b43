"""A marimo notebook over DATA: the figures of the report as cells of SQL that can be edited.

It is plain Python. What it shows are figures and names, no texts of files; what its reader asks in
SQL is shown as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage, absolute
from transforms.report.unchanged import marked, refuse_edited

FILE = "notebook.py"
GENERATED_WITH = "0.25.2"  # the marimo whose form this is
HEAD = '''import marimo

__generated_with = "{version}"
app = marimo.App(width="medium", app_title="quire")


@app.cell
def _():
    from html import escape

    import marimo as mo

    from transforms.lib.skeleton.catalog import connect
    from transforms.lib.skeleton.storage import Storage

    return Storage, connect, escape, mo


@app.cell
def _(Storage, connect, mo):
    data = {data}
    connection = connect(Storage(data))  # run this cell again after a stage has run
    mo.md(f"# `{{data}}`")
    return (connection,)


@app.cell
def _(connection, escape, mo):
    def ask(query):
        """A table of the rows that answer a question in SQL."""
        rows = connection.sql(query).to_arrow_table()
        return mo.ui.table(rows, selection=None, page_size=25, show_column_summaries=False)

    def bars(query):
        """Bars of an answer: its first column names them, its last has their lengths."""
        rows = connection.sql(query).fetchall()
        if not rows:
            return mo.md("None.")
        longest = max(row[-1] for row in rows)
        lines = [
            "<tr><td>{{}}</td><td style='width: 60%'><div style='width: {{:.1f}}%; height: 0.9em; "
            "background: #4c78a8'></div></td><td style='padding-left: 1em'>{{:,}}</td></tr>".format(
                escape(str(row[0])), 100 * row[-1] / longest, row[-1]
            )
            for row in rows
        ]
        return mo.Html("<table>" + "".join(lines) + "</table>")

    return ask, bars
'''
FIGURE = """

@app.cell(hide_code=True)
def _({form}, mo):
    mo.vstack(
        [
            mo.md({title}),
            {form}({query}),
        ]
    )
    return
"""
OWN_QUESTION = """

@app.cell
def _(mo):
    question = mo.ui.code_editor(
        value={query}, language="sql", label="## A question of your own", debounce=True
    )
    question
    return (question,)


@app.cell
def _(ask, question):
    ask(question.value)
    return


if __name__ == "__main__":
    app.run()
"""
HERE = "str(mo.notebook_dir())"  # the notebook lies in DATA, wherever that is moved
FIRST_QUESTION = "FROM datasets"


@dataclass(frozen=True)
class Figure:
    """A cell: `form` is `ask` (a table) or `bars`; `query` is SQL, or a name of one that ships."""

    title: str
    form: str
    query: str


FIGURES = (
    Figure("What is here", "ask", "FROM datasets"),
    Figure("Where everything went", "ask", "funnel"),
    Figure(
        "Why files and problems were dropped",
        "bars",
        "SELECT stage || ': ' || reason, count(*) FROM rejects\n"
        "GROUP BY ALL ORDER BY 2 DESC LIMIT 30",
    ),
    Figure("An example of each reason", "ask", "rejects"),
    Figure(
        "Licences of kept files",
        "bars",
        "SELECT coalesce(licence_spdx, 'none'), count(*) FROM corpus\n"
        "GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    ),
    Figure("What may be published", "ask", "publishable"),
    Figure("Files that stand for the most duplicates", "ask", "duplicates"),
    Figure("Sizes of kept files", "ask", "sizes"),
    Figure("Functions", "ask", "functions"),
    Figure("Problems that hold, and why others do not", "ask", "verification"),
    Figure("Strength of tests", "ask", "strength"),
    Figure(
        "Secrets and personal data by kind",
        "bars",
        "SELECT kind || ', ' || confidence || ', ' || action, count(*) FROM secrets\n"
        "GROUP BY ALL ORDER BY 2 DESC",
    ),
    Figure(
        "Evaluation tasks that were found",
        "ask",
        "SELECT suite, count(*) AS tasks, count_if(hits > 0)::BIGINT AS found FROM eval_tasks\n"
        "GROUP BY suite ORDER BY suite",
    ),
    Figure("Tokens", "ask", "tokens"),
    Figure("Where the time went", "ask", "runs"),
)


def write_notebook(
    data: Storage, queries: Mapping[str, str], file: str | None, *, overwrite: bool = False
) -> str:
    """Write the notebook, to DATA/notebook.py if `file` is None; returns its path.

    Raises UsageError if DATA is a URL, as nobody could open a notebook there; and if there is a
    file that is not as quire wrote it, unless `overwrite`.
    """
    if file is None and not data.local:
        raise UsageError(f"{data.path()}: name a file on this machine: --notebook FILE")
    folder, _, name = absolute(file or data.path(FILE)).rpartition("/")
    place = Storage(folder or "/")
    if not overwrite:
        refuse_edited(place, name)
    text = notebook(queries, None if file is None else data.path())
    place.put(name, marked(text, "# {}").encode())
    return place.path(name)


def notebook(queries: Mapping[str, str], data: str | None) -> str:
    """The notebook as Python; queries: the SQL of those that ship, by name.

    data: the path or URL of DATA; None for a notebook that lies in DATA.
    """
    head = HEAD.format(version=GENERATED_WITH, data=HERE if data is None else repr(data))
    cells = [_cell(figure, queries) for figure in FIGURES]
    return head + "".join(cells) + OWN_QUESTION.format(query=_literal(FIRST_QUESTION, 8))


def _cell(figure: Figure, queries: Mapping[str, str]) -> str:
    query = queries.get(figure.query, figure.query).strip("\n")
    title = f'"## {figure.title}"'
    return FIGURE.format(form=figure.form, title=title, query=_literal(query, 12))


def _literal(query: str, indent: int) -> str:
    """SQL as a literal of Python over several lines, so that it can be read and edited."""
    if "\n" not in query:
        return f'"{query}"'
    lines = [f"{' ' * (indent + 4)}{line}".rstrip() for line in query.split("\n")]
    return '"""\n' + "\n".join(lines) + f'\n{" " * indent}"""'
