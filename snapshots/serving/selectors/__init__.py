"""Selectors and query parameters.

- `labels`, `labelrequirement`: label selectors; `fields`, `selectable`: field selectors.
- `parameters`: parameters of lists and watches.
"""
