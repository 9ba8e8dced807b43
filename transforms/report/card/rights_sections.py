"""Sections of the card on what readers may do: licences, secrets, opt-outs, contamination."""

from collections.abc import Iterator

from transforms.lib.detection.policy import REPORT, Policy, chosen_policy, read_policy
from transforms.report.card.hub_licences import NONE_FOUND
from transforms.report.card.markdown_text import Written, code, sentence, table
from transforms.report.card.subject import Subject
from transforms.report.configs import withheld
from transforms.report.older_datasets import older_than_policy

SHOWN_LICENCES = 30
LICENCES_QUERY = "SELECT {column}, count(*) FROM {view} GROUP BY 1 ORDER BY 2 DESC, 1"
SECRETS_QUERY = """
SELECT kind, confidence, count(*), count(DISTINCT sha256), count(*) FILTER (is_test),
       count(*) FILTER (action <> 'none')
FROM secrets GROUP BY kind, confidence ORDER BY confidence, kind
"""
SUITES_QUERY = """
SELECT suite, count(*), count(clean), count_if(hits > 0) FROM eval_tasks
GROUP BY suite ORDER BY suite
"""
# Rows to take out before a dataset is published, by the column that tells them.
TAKEN_OUT = {
    "redistributable": ("IS NOT TRUE", "have statements that may not be passed on"),
    "secrets_action": ("= 'drop'", "hold secrets, for which the feed leaves them out"),
}
REMOVED_QUERY = 'SELECT "dataset", granularity, count(*) FROM removed GROUP BY ALL ORDER BY ALL'
OPT_OUT_QUERY = "SELECT count(*) FROM rejects WHERE reason = 'opt_out'"


def licences(subject: Subject) -> Iterator[str]:
    """The licences of the rows of the default configuration, with their shares."""
    if not subject.configs:
        yield "No configuration has rows."
        return
    config = subject.configs[0]
    inside = "licence_spdx" not in config.dataset.schema.names
    column = "extra_info.licence_spdx" if inside else "licence_spdx"
    found = subject.ask(LICENCES_QUERY.format(column=column, view=config.name))
    without = sum(count for name, count in found if name in NONE_FOUND)
    known = [(name, count) for name, count in found if name not in NONE_FOUND]
    rows = [(name, count, _percent(count, config.rows)) for name, count in known[:SHOWN_LICENCES]]
    if rest := sum(count for _, count in known[SHOWN_LICENCES:]):
        rows.append((f"{len(known) - SHOWN_LICENCES:,} more", rest, _percent(rest, config.rows)))
    yield (
        f"Rows of `{config.name}` by the licence of their project, as its metadata or its licence "
        "text says.\n"
    )
    if without:
        yield (
            f"**{without:,} rows ({_percent(without, config.rows)}) have none**: nobody has "
            "allowed their use.\n"
        )
    if rows:
        yield from table(("SPDX", "rows", "share"), rows)
    yield (
        "\nWho passes rows on keeps to the licence of each. By dataset and split, permissive and "
        "other licences are counted by `quire sql DATA publishable`."
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def not_to_be_passed_on(subject: Subject) -> Iterator[str]:
    """What of the configurations may not be passed on, and which datasets are in none."""
    for config in subject.configs:
        for column, (is_such, why) in TAKEN_OUT.items():
            query = f"SELECT count_if({column} {is_such}) FROM {config.name}"
            if column in config.dataset.schema.names and (count := subject.number(query)):
                yield (
                    f"**{count:,} rows of `{config.name}` {why}** (`{column} {is_such}`): take "
                    "them out before you publish it.\n"
                )
    yield (
        "DATA holds more than the configurations. These datasets explain them to who made them, "
        "and are not meant to be published:\n"
    )
    reasons: dict[str, list[str]] = {}
    for name in sorted(subject.committed):
        if reason := withheld(name, subject.data):
            reasons.setdefault(reason, []).append(code(name))
    rows = [(Written(", ".join(names)), sentence(reason)) for reason, names in reasons.items()]
    yield from table(("datasets", "why not"), rows)
    yield (
        "\nNor are the folders `archives`, `_work` and `__marimo__`; `catalog.duckdb`, which names "
        "folders of the maker's machine; and what shows texts: `report.html` and "
        "`contamination.md`."
    )


def contamination(subject: Subject) -> Iterator[str]:
    """Which evaluation sets the data was compared with, and what was done about hits."""
    if "eval_tasks" not in subject.committed:
        yield "**Not checked**: nobody has compared this data with evaluation sets."
        return
    yield "Compared with these evaluation sets; *found* tasks are in some text that was checked.\n"
    yield from table(("set", "tasks", "checkable", "found"), subject.ask(SUITES_QUERY))
    yield ""
    removed = subject.ask(REMOVED_QUERY)
    if removed:
        yield (
            "What holds a task is left out of `examples`, `exports` and tokens, and still stands "
            "in `corpus`, `functions` and the problems. Left out:\n"
        )
        yield from table(("dataset", "what", "rows"), removed)
    elif any(found for *_, found in subject.ask(SUITES_QUERY)):
        yield "**Nothing was left out for it**: the policy was to report alone."
    else:
        yield "Nothing had to be left out."


def secrets(subject: Subject) -> Iterator[str]:
    """What was found of keys, passwords and addresses, by kind, and what was done about it."""
    policy = read_policy(subject.data)
    if policy is None:
        yield (
            "**Nobody has looked for keys, passwords and addresses in this data** "
            "(`quire secrets`). Expect some in every configuration that holds code."
        )
        return
    found = subject.ask(SECRETS_QUERY)
    if found:
        yield from _about_policy(subject, policy)
        head = ("kind", "confidence", "findings", "files", "in tests or examples", "acted on")
        yield from table(head, found)
    else:
        yield "The files of `corpus` were looked through, and nothing was found."
    yield (
        "\nPersonal data that has no form to be found by, such as names in comments, was not "
        "looked for."
    )


def _about_policy(subject: Subject, policy: Policy) -> Iterator[str]:
    """What was done about findings, and in which datasets it was not."""
    if policy.name == REPORT:
        yield (
            "**Warning: nothing was masked or dropped** (policy `report`). What was found stands "
            "in `corpus` and in all that was made of it, as in `files`.\n"
        )
        return
    yield (
        f"Policy `{policy.name}` for {', '.join(policy.kinds)}: it acts on findings of high "
        "confidence, in what is made of `corpus`. **`corpus` itself is as it was found**, and so "
        "are `files`: neither is meant to be published.\n"
    )
    if older := older_than_policy(subject.data):
        yield (
            f"**Warning: the policy does not act in {', '.join(map(code, older))}**: made before "
            "it, or of other `secrets` than are here, and what was found may stand there; "
            f"{_making_anew(subject, policy)} such datasets anew.\n"
        )


def _making_anew(subject: Subject, policy: Policy) -> str:
    """What makes the datasets anew: `build` if it can, else each stage.

    `build` begins with a crawl, of other sources where none has run here, and takes those kinds
    that the policy has by default.
    """
    if "repositories" in subject.committed and policy == chosen_policy(policy.name):
        return f"`quire build DATA --resume --secrets {policy.name}` makes"
    return "their stages, with `--overwrite`, make"


def opt_outs(subject: Subject) -> Iterator[str]:
    """How to have rows removed, and how many have been left out on request."""
    count = subject.number(OPT_OUT_QUERY)
    yield (
        "Is your code here, and should it not be? Ask whoever published this, naming the "
        "repository or the file: `quire remove` takes it out of every dataset, and keeps it out "
        f"of later runs. So far {count:,} rows were left out on request."
    )
