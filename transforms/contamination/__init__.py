"""Which tasks of evaluation sets stand in training texts, with evidence and a verdict.

A *text* is a row that is checked: a file, a function, a problem, or a record of any table. A *task*
is a problem of an evaluation set such as HumanEval. A text and a task are compared in independent
*channels*, whose letters stand in the column `channel` of `hits`:

- D, documentation: n-grams of 6 words in lower case
- T, tests: n-grams of 10 code tokens; names are anonymous, literals count
- C, code: n-grams of 8 code tokens; names and strings are anonymous, common n-grams do not count
- A, abstract syntax tree: the same function; names, layout, docstring and annotations do not count
- N, name: the text defines a function with the name of the task's entry point
- X, exact: the text holds the task's text word for word; shown beside other evidence, not counted

`verdict` says what the matches of a text and a task mean together: a *hit* (the text holds the
task), a *review* (a person should look at it), or nothing. README.md beside this file says more.

- `units`: tables of texts as work units
- `patterns/`: tasks as n-grams and trees; `grams/`: texts as n-grams and trees
- `examine`: a batch of texts to findings, by way of `matches` and `verdict`
- `evidence`, `hit_rows`: findings as rows of `hits`, `removed` and the rejects
- `tally`, `summary`, `report/`: all units together as `eval_tasks` and the report
"""

STAGE = "contamination"
DATASETS = ("hits", "eval_tasks", "removed", "rejects/contamination")
REPORT = "contamination.md"  # for people; its name under DATA
