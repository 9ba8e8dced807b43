"""The report of a check, as Markdown for people, and the self-test in it.

- `markdown`: the report, `contamination.md`
- `selftest`: leaks tasks into the checked texts, and counts how many of the leaks are found
- `mutations`, `carriers`: the ways in which it leaks them
"""
