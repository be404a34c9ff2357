"""Execution, one level at a time for all rows.

- `rootfields`, `roots`: root fields, and what they find; `run`: a level of rows.
- `lists`, `connections`, `links`, `groups`: lists of several parents, completed together.
- `columns`, `shaping`, `nulled`: values of all rows of a field, and rows that are null.
- `sifted`, `truths`, `pathvalues`, `keeping`: conditions and orders, and the rows that are kept of long lists.
"""
