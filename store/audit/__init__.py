"""The audit.

- `event`: one act; `log`: the table of acts.
"""
