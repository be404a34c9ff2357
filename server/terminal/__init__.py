"""Output on a terminal.

- `output`: results, notes and tables; `progress`: progress bars; `terminal`: text of strangers made harmless.
"""
