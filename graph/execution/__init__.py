"""Execution, one level at a time for all rows.

- `rootfields`, `roots`: root fields and their rows; `run`: a level of rows.
- `lists`, `connections`, `links`, `groups`: lists of several parents, completed together.
- `columns`, `shaping`, `nulled`, `paths`: values of all rows of a field, rows that are null, and paths.
- `filtering`, `truths`, `pathvalues`, `reduction`: conditions and orders, and long lists reduced page by page.
"""
