"""Texts that stand inside other texts: each is unwrapped into *views*, which are checked as texts.

Code is carried inside strings (JSON, notebooks, literals, docstrings), behind marks at the
beginning of lines (diffs, quotations, prompts, comments, line numbers), or with its characters
written otherwise (HTML, URLs, escapes). A view is what such a carrier holds, and may hold views
itself. Cheap tests of bytes decide whether a view is made at all, as most files need none.

- `layers`: a batch of texts, the layer of their views, the views of these, and so on
- `code_lines`: whether some lines may be code, without which no view is made of them
- `quoted_text`, `prefixed_lines`: what strings and marked lines hold, compiled
- `traces`: which texts have characters that are written otherwise, compiled
- `markup`, `encodings`: what they are when written plainly
- `plain_characters`: Unicode's spaces, invisible characters and quotes as ASCII, in every text
"""
