"""The audit.

- `event`: one event; `log`: the table of events.
"""
