"""Selectors and query parameters.

- `labels`, `labelrequirement`: label selectors; `fields`, `selectable`, `customfields`: field selectors.
- `parameters`: parameters of lists and watches.
"""
